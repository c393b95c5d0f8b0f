"""Dates of birth: in the languages served, and only of those who may be alive."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.scanner import Scanner


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


@pytest.mark.parametrize(
    "text",
    [
        "date of birth: Mar 3, 1971",
        "her birthday is 5 January 1953",
        "Is 17/02/1992 correct? That is what I have as date of birth.",
        "mon anniversaire est le 1er juin 1955",
        "geb. 3. 5. 1973",
        "Geburtsdatum 03-05-73",
        "nació el 4 de mayo de 1980",
        "cumpleaños 13.06.1984",
        "data di nascita: 11 ottobre 1963",
        "geboortedatum: 20 mei 1981",
        "data urodzenia: 23 listopada 1993",
        "data de nascimento 7 de setembro de 1985",
    ],
)
def test_finds(scanner: Scanner, text: str) -> None:
    assert "DATE_OF_BIRTH" in {finding.type for finding in scanner.scan(content_of_text(text)).findings}


@pytest.mark.parametrize(
    "text",
    [
        "Newton was born on 25 December 1642",
        "Goethe wurde am 28. August 1749 geboren",
        "the treaty was signed on 3 March 1971",
        "the birth of a nation, 1915",
    ],
)
def test_leaves_alone(scanner: Scanner, text: str) -> None:
    kinds = {finding.type for finding in scanner.scan(content_of_text(text)).findings}
    assert "DATE_OF_BIRTH" not in kinds
