"""The rows hold nothing that can be read: what somebody asked is in no column but sealed, or as numbers."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import LargeBinary

from gateway.learning.sample import Label, Sample
from gateway.learning.store import LearningStore
from gateway.learning.tables import LABELS, SAMPLES
from tests.gateway.learning.samples import sample


def test_columns_are_in_the_order_of_what_they_hold() -> None:
    assert tuple(column.name for column in SAMPLES.columns) == Sample._fields
    assert tuple(column.name for column in LABELS.columns) == ("id", *Label._fields)


def test_content_is_binary_in_both() -> None:
    binary = {
        f"{table.name}.{column.name}"
        for table in (SAMPLES, LABELS)
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert binary == {"learning_samples.features", "learning_samples.text", "learning_labels.text"}


def test_the_file_is_where_it_was_asked_for(tmp_path: Path) -> None:
    store = LearningStore.open(f"sqlite:///{tmp_path / 'state' / 'learning.db'}")
    store.keep([sample()])
    store.close()
    assert (tmp_path / "state" / "learning.db").is_file()
