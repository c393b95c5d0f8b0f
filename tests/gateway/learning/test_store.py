"""The contract of what is kept to learn from, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from gateway.learning.sample import Sample
from gateway.learning.store import Count, Forgotten, LearningStore
from gateway.stores.sql import DatabaseUnavailable
from tests.gateway.learning.samples import NOW, PACKED, READING, label, sample


@pytest.fixture
def store(sql_url: str) -> Iterator[LearningStore]:
    opened = LearningStore.open(sql_url, 10)
    yield opened
    opened.close()


def test_a_sample_comes_back_as_it_was(store: LearningStore) -> None:
    one = sample(difficulty=None, team=None, text=b"\x00sealed\xff", went="large", clearance="eu+local")
    store.keep([one, sample("req_2")])
    assert store.sample("req_1") == one
    assert store.sample("req_2") == sample("req_2")
    assert store.sample("req_3") is None


def test_keeping_again_what_was_kept_changes_nothing(store: LearningStore) -> None:
    """After a time-out nobody knows whether it was kept."""
    store.keep([sample()])
    store.keep([sample(went="large"), sample("req_2")])
    assert store.sample("req_1") == sample()
    assert store.sample("req_2") == sample("req_2")
    store.keep([])
    store.label([])


def test_rows_are_labels_with_the_reading_of_their_request(store: LearningStore) -> None:
    store.keep([sample()])
    store.label([label(weak=None, strong=0.75, weight=0.5, key="ops", source="shadow")])
    (row,) = store.rows("home")
    assert row[1:] == (None, 0.75, 0.5, "ops", "shadow", NOW + 60, "req_1", "auto")
    np.testing.assert_allclose(row.reading.meaning, READING.meaning, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(row.reading.structure, READING.structure, rtol=1e-3, atol=1e-6)
    assert row.reading.words.size == row.reading.earlier.size == 0


def test_rows_are_of_one_deployment_since_a_time_the_earliest_first(store: LearningStore) -> None:
    store.keep([sample("req_1"), sample("req_2", small="other"), sample("req_3")])
    store.label(
        [label("req_3", at=NOW + 9), label("req_2"), label("req_1", at=NOW + 3), label("req_1", key="b", at=NOW)]
    )
    assert [(row.request_id, row.at) for row in store.rows("home")] == [
        ("req_1", NOW),
        ("req_1", NOW + 3),
        ("req_3", NOW + 9),
    ]
    assert [row.request_id for row in store.rows("home", NOW + 3)] == ["req_1", "req_3"]
    assert [row.request_id for row in store.rows("home", most=1)] == ["req_3"]
    assert [row.request_id for row in store.rows("other")] == ["req_2"]
    assert store.rows("nobody") == []


def test_a_label_may_come_before_its_sample_and_without_one_is_no_row(store: LearningStore) -> None:
    store.label([label()])
    assert store.rows("home") == []
    store.keep([sample()])
    assert len(store.rows("home")) == 1


def test_the_last_that_a_key_says_counts(store: LearningStore) -> None:
    store.keep([sample()])
    store.label([label(weak=1.0), label(source="score", weak=0.25, at=NOW + 61), label(key="ops", weak=0.5)])
    store.label([label(source="correction", weak=0.0, at=NOW + 60.5)])  # said before, and late to arrive
    assert sorted((row.key, row.source, row.weak) for row in store.rows("home")) == [
        ("dev", "score", 0.25),
        ("ops", "thumbs", 0.5),
    ]


def test_what_a_release_with_other_features_has_packed_is_left_out(store: LearningStore) -> None:
    store.keep([sample("req_1", features=b"\x01\x00" + PACKED[2:]), sample("req_2")])
    store.label([label("req_1"), label("req_2")])
    assert [row.request_id for row in store.rows("home")] == ["req_2"]


def test_all_that_is_labelled_is_given_out_with_its_sample(store: LearningStore) -> None:
    store.keep([sample("req_2", at=NOW - 1), sample("req_1", text=b"sealed"), sample("req_3")])
    store.label([label("req_1"), label("req_2", text=b"own words"), label("req_1", source="regenerate", weak=0.0)])
    assert list(store.labelled()) == [
        (sample("req_2", at=NOW - 1), label("req_2", text=b"own words")),
        (sample("req_1", text=b"sealed"), label("req_1")),
        (sample("req_1", text=b"sealed"), label("req_1", source="regenerate", weak=0.0)),
    ]


def test_counts_are_by_route_deployment_and_source(store: LearningStore) -> None:
    store.keep([sample("req_1"), sample("req_2"), sample("req_3", route="faq", small="tuned"), sample("req_4")])
    store.label([label("req_1"), label("req_2"), label("req_2", source="regenerate"), label("req_3")])
    assert store.counts() == [
        Count("auto", "home", "", 1),
        Count("auto", "home", "regenerate", 1),
        Count("auto", "home", "thumbs", 2),
        Count("faq", "tuned", "thumbs", 1),
    ]


def test_a_request_is_forgotten_with_all_that_was_said_of_it(store: LearningStore) -> None:
    store.keep([sample("req_1"), sample("req_2")])
    store.label([label("req_1"), label("req_1", key="ops"), label("req_2")])
    assert store.forget_request("req_1") == Forgotten(1, 2)
    assert store.forget_request("req_1") == Forgotten(0, 0)
    assert store.sample("req_1") is None
    assert store.rows("home")[0].request_id == "req_2"


def test_a_key_is_forgotten_with_what_it_asked_and_what_it_said(store: LearningStore) -> None:
    store.keep([sample("req_1", key="dev"), sample("req_2", key="ops"), sample("req_3", key="ops")])
    store.label([label("req_1", key="ops"), label("req_2", key="dev"), label("req_3", key="ops"), label("req_9")])
    assert store.forget_key("dev") == Forgotten(1, 3)
    assert [row.request_id for row in store.rows("home")] == ["req_3"]
    assert store.sample("req_2") is not None


def test_what_is_old_is_forgotten(store: LearningStore) -> None:
    store.keep([sample("req_1", at=NOW - 1), sample("req_2", at=NOW)])
    store.label([label("req_1"), label("req_2"), label("req_8", at=NOW - 1), label("req_9")])
    assert store.forget_before(NOW) == Forgotten(1, 2)
    assert store.sample("req_2") is not None


def test_of_too_many_the_latest_stay(store: LearningStore) -> None:
    store.keep([sample(f"req_{number}", at=NOW + number) for number in range(5)])
    store.label([label(f"req_{number}") for number in range(5)])
    assert store.trim(5) == Forgotten(0, 0)
    assert store.trim(3) == Forgotten(2, 2)
    assert [store.sample(f"req_{number}") is not None for number in range(5)] == [False, False, True, True, True]


def test_what_names_say_is_no_sql(store: LearningStore) -> None:
    odd = sample("req_1'; DROP TABLE learning_samples; --", key="a'b", route='x"; --')
    store.keep([odd])
    assert store.forget_key("' OR '1'='1") == Forgotten(0, 0)
    assert store.sample(odd.request_id) == odd


def test_replicas_make_the_tables_at_once_and_keep_the_same_at_once(sql_url: str) -> None:
    def keep(number: int) -> Sample | None:
        store = LearningStore.open(sql_url, 10)
        try:
            store.keep([sample("req_0"), sample(f"req_{number}")])
            store.label([label("req_0", weak=number / 10)])
            return store.sample("req_0")
        finally:
            store.close()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(keep, range(1, 5))) == [sample("req_0")] * 4
    store = LearningStore.open(sql_url, 10)
    assert len(store.rows("home")) == 1
    store.close()


def test_tables_of_a_later_release_are_left_alone(store: LearningStore, sql_url: str) -> None:
    engine = create_engine(sql_url.replace("postgresql://", "postgresql+pg8000://"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE learning_schema SET version = version + 1"))
    engine.dispose()
    with pytest.raises(DatabaseUnavailable, match="this release has 1"):
        LearningStore.open(sql_url, 10)


def test_a_database_that_is_none_is_said_to_be_away() -> None:
    with pytest.raises(DatabaseUnavailable):
        LearningStore.open("sqlite:////proc/no/such/learning.db", 1)
