"""What is written is what is read: a tagger that changed on its way would let names out."""

from __future__ import annotations

from pathlib import Path

from router.sensitivity.tagger.model import SHIPPED
from router.sensitivity.tagger.parameters import Parameters


def test_round_trip(tmp_path: Path) -> None:
    shipped = Parameters.read(SHIPPED)
    shipped.write(tmp_path, {})
    assert Parameters.read(tmp_path) == shipped


def test_a_word_is_one_object_in_all_tables() -> None:
    shipped = Parameters.read(SHIPPED)
    one = {word: word for word in shipped.common}
    assert all(one.get(word, word) is word for word in shipped.words)
