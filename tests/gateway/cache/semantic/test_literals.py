"""If these fail, numbers, code or addresses of a question are taken for words, or are lost."""

from __future__ import annotations

import pytest

from gateway.cache.semantic.english import ENGLISH
from gateway.cache.semantic.german import GERMAN
from gateway.cache.semantic.literals import LITERAL, Literals, literals_of


def of(text: str, *, german: bool = False) -> Literals:
    lexicon = GERMAN if german else ENGLISH
    return literals_of(text, lexicon.numbers, lexicon.units, lexicon.thousands)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("pay 10 dollars", ("10 $",)),
        ("pay $10", ("10 $",)),
        ("pay 10.50 €.", ("10.50 €",)),
        ("1,000 and 1000 are one", ("1000", "1000")),
        ("version 2.1.4, not 2.1", ("2.1.4", "2.1")),
        ("5km or 5 kilometres", ("5 km", "5 km")),
        ("100 °F", ("100 °f",)),
        ("three of twelve", ("3", "12")),
        ("the second one", ("#2",)),
        ("-5 or +5", ("-5", "+5")),
        ("it is 10. Days pass", ("10",)),
        ("at 5 pm", ("5",)),
    ],
)
def test_numbers_have_their_unit_with_them(text: str, numbers: tuple[str, ...]) -> None:
    assert of(text).numbers == numbers


def test_german_numbers_are_read_too() -> None:
    assert of("drei Kilometer und 1.000 Euro und 10,5 %", german=True).numbers == ("3 km", "1000 €", "10.5 %")


def test_what_is_taken_out_leaves_its_place() -> None:
    found = of('run `ls -la` on https://a.example/x?y=1, say "hi" 3 times')
    assert found.code == ("ls -la",)
    assert found.urls == ("https://a.example/x?y=1",)
    assert found.quoted == ("hi",)
    assert found.numbers == ("3",)
    assert found.rest.split() == ["run", LITERAL, "on", f"{LITERAL}", ",", "say", LITERAL, LITERAL, "times"] or (
        found.rest.count(LITERAL) == 4
    )


@pytest.mark.parametrize(
    "token", ["--force", "sin(x)", "Optional[str]", "a_name", "os.path", "x^2", "A1B2", "std::map"]
)
def test_what_is_written_like_code_is_code(token: str) -> None:
    assert of(f"what does {token} do").code == (token,)


def test_an_apostrophe_is_no_quotation() -> None:
    assert of("don't say it's Anna's").quoted == ()
