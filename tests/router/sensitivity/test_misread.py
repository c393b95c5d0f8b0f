"""Letters for digits, where a checksum says so."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.misread import misread
from router.sensitivity.scanner import Scanner
from router.sensitivity.view import view_of


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("4970 lOl2 3456 7893", "CREDIT_CARD"),
        ("497O-1012-34S6-7893", "CREDIT_CARD"),
        ("DE89 37O4 O044 0532 Ol30 00", "IBAN"),
    ],
)
def test_finds(scanner: Scanner, text: str, kind: str) -> None:
    assert kind in {finding.type for finding in scanner.scan(content_of_text(f"take {text} today")).findings}


@pytest.mark.parametrize(
    "text", ["4970 lOl2 3456 7894", "version 10B 20B 30B 40B 50B 60B", "4B 8B 16B 32B 64B 128B 256B"]
)
def test_leaves_alone(scanner: Scanner, text: str) -> None:
    assert scanner.scan(content_of_text(text)).findings == ()


def test_says_what_to_change() -> None:
    assert list(misread(view_of("no 12345678lO"))) == [[(11, 12, "1"), (12, 13, "0")]]
