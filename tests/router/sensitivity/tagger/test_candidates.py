"""What could be a name is a candidate; what code and sentences capitalise is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.sensitivity.tagger.candidates import candidates, each_run, heading, holds_any, lower_candidates, runs

PLAIN = frozenset({"the", "please", "what"})


def found(text: str) -> list[str]:
    return [text[each.start : each.end] for each in candidates(text, PLAIN)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Dear Mr. Abel Okoye, please call.", ["Abel Okoye"]),
        ("Please ask Ida K. about it", ["Ida K."]),
        ("I saw Ida. She left with Bo Ek's dog", ["Ida", "Bo Ek"]),
        ("met Ludwig van der Berg in Ulm", ["Ludwig van der Berg", "Ulm"]),
        ("new MyClass(x) and obj.Field and @Ida and a_Name", []),
        ("What is the point? Please tell.", []),
    ],
)
def test_runs(text: str, names: list[str]) -> None:
    assert found(text) == names


def test_lower_case_needs_a_known_first_name() -> None:
    given_names = frozenset({"lena"})
    (name,) = lower_candidates("ask lena ekvall, not me", given_names, frozenset({"not", "me", "ask"}))
    assert name.words == ("lena", "ekvall")
    assert list(lower_candidates("write to lena@example.org", given_names, frozenset())) == []


@given(st.text(alphabet="ABab .'-\n(\"s", max_size=60))
def test_offsets_and_words_agree(text: str) -> None:
    for each in candidates(text, PLAIN):
        assert 0 <= each.start < each.end <= len(text)
        assert text[each.start : each.end].lower() == " ".join(each.words)


TEXTS = st.lists(st.text(alphabet="ABab .'-(\n", max_size=30), min_size=1, max_size=4)


@given(TEXTS)
def test_texts_together_hold_what_each_holds(texts: list[str]) -> None:
    expected, start = [], 0
    for text in texts:
        expected += [(start + each.start, start + each.end, each.words) for each in candidates(text, PLAIN)]
        start += len(text) + 1
    assert list(candidates("\0".join(texts), PLAIN)) == expected


@given(st.text(alphabet="TheWat .'-(", max_size=60))
def test_runs_one_at_a_time_are_the_same(text: str) -> None:
    assert list(each_run(text, PLAIN)) == runs(text, PLAIN)


def test_a_heading_has_only_common_words_in_capitals() -> None:
    assert heading("What the Please", PLAIN)
    assert heading("THE", PLAIN)
    assert not heading("What Ida", PLAIN)
    assert not heading("What tHe wHat ThE", PLAIN)


@given(st.text("an .,-_'@/1%\n", max_size=30))
def test_a_text_without_a_first_name_has_no_candidate(text: str) -> None:
    """Asked first, of most texts: it must not say no where there is one, but for a percent sign right before it."""
    given_names = frozenset(["ann", "anna"])
    if "%" not in text and not holds_any(given_names, text):
        assert list(lower_candidates(text, given_names, frozenset())) == []


def test_a_first_name_stands_alone() -> None:
    names = frozenset(["anna"])
    assert holds_any(names, "is anna's sister here?")
    assert not holds_any(names, "joanna, anna_b, anna1 and anna/b")
