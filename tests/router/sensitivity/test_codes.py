"""Text written as the numbers of its characters is read; lists of numbers are not text."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.codes import decoded_codes
from router.sensitivity.scanner import Scanner
from router.sensitivity.view import view_of

MAIL = "ada.byron@example.org"
WRITTEN = [
    ", ".join(f"0x{ord(char):02x}" for char in MAIL),
    " ".join(f"{ord(char):02x}" for char in MAIL),
    ":".join(f"{ord(char):02X}" for char in MAIL),
    ", ".join(str(ord(char)) for char in MAIL),
    " + ".join(f"chr({ord(char)})" for char in MAIL),
    " ".join(f"{ord(char):08b}" for char in MAIL),
]


@pytest.mark.parametrize("code", WRITTEN)
def test_says_what_it_says(code: str) -> None:
    ((start, end, text),) = decoded_codes(view_of(f"so {code} so"))
    assert text == MAIL
    assert f"so {code} so"[start:end].strip(", ") == code


@pytest.mark.parametrize("code", WRITTEN)
def test_is_found(code: str) -> None:
    text = f"look: {code} !"
    (finding,) = (each for each in Scanner.default().scan(content_of_text(text)).findings if each.type == "EMAIL")
    assert code in text[finding.start : finding.end + 1]


@pytest.mark.parametrize("text", ["1, 2, 3, 4, 5, 6, 7, 8, 9, 10", "12:34:56", "255, 255, 0, 0", "0x41", "1010"])
def test_numbers_are_no_text(text: str) -> None:
    assert list(decoded_codes(view_of(text))) == []
