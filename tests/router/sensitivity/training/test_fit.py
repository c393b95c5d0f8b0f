"""The fit: what it learns from a few texts is in the weights, and held-out scores come from models that did not see."""

from __future__ import annotations

import math

import pytest

from router.sensitivity.tagger.model import Tagger
from router.sensitivity.training.fit import common_words, fitted, fold, held_out, readings, shippable
from router.sensitivity.training.rows import Row

pytest.importorskip("sklearn")


def rows() -> list[Row]:
    made: list[Row] = []
    for number in range(12):
        person, place = f"Nilk{'abcdefghijkl'[number]}", f"Loc{'abcdefghijkl'[number]}"
        text = f"tell {person} about it"
        made.append(Row(text, ((5, 5 + len(person)),), "person", "own-private", f"p{number}"))
        made.append(Row(f"visit {place} in spring", (), "harmless", "own-harmless", f"h{number}"))
        made.append(
            Row(
                f"draft a mail for {person} now",
                ((17, 22),),
                "real",
                ("pupa_new", "pupa_tnb")[number % 2],
                f"r{number}",
            )
        )
    return made


def test_learns_what_stands_before_a_name() -> None:
    some = rows()
    common = common_words(some)
    tagger = Tagger.of(fitted(readings(some, common), common, (0.0, 0.0)))

    def score(text: str) -> float:
        (candidate,) = tagger.candidates(text)
        likely = 20.0 + tagger.document(text, text.encode(), 1).person  # so likely that either is a name
        return tagger.person(text, text.lower(), candidate, likely)

    assert score("tell Nilkz about it") > score("visit Locz in spring")


def test_held_out_scores() -> None:
    some = [*rows(), Row("nothing here", (), "harmless", "own-harmless", "none")]
    texts = readings(some, common_words(some))
    person, working = held_out(texts, by_source=True)
    assert len(person) == len(some)
    assert person[-1] == working[-1] == -math.inf
    assert all(math.isfinite(score) for score in person[:-1])


def test_a_template_is_never_split() -> None:
    row = rows()[0]
    assert len({fold(row, number, by_source=False) for number in range(9)}) == 1
    assert not shippable(Row("x", (), "harmless", "gsm8k", "x"))
