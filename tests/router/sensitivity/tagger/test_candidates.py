"""What could be a name is a candidate; what code and sentences capitalise is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.sensitivity.tagger.candidates import candidates, lower_candidates

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
