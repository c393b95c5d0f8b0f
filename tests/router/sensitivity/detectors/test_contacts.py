"""Ways to reach a person."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.scanner import Scanner


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("mail o'neil+x@mail.example.co.uk!", "EMAIL", "o'neil+x@mail.example.co.uk"),
        ("+49 (0) 30 1234567", "PHONE", "+49 (0) 30 1234567"),
        ("ring me: (612) 555-0133 x12", "PHONE", "(612) 555-0133 x12"),
        ("mon portable : 06.11.22.33.44", "PHONE", "06.11.22.33.44"),
        ("Tel. 0221 4710815", "PHONE", "0221 4710815"),
        ("mi móvil es 612 345 678", "PHONE", "612 345 678"),
    ],
)
def test_finds(scanner: Scanner, text: str, kind: str, value: str) -> None:
    found = {
        (finding.type, text[finding.start : finding.end]) for finding in scanner.scan(content_of_text(text)).findings
    }
    assert (kind, value) in found


@pytest.mark.parametrize(
    "text", ["git@github.com:org/repo.git", "logo@2x.png", "@app.get('/x')", "v1.2.3-rc.4", "2023-10-27 14:00:00"]
)
def test_leaves_alone(scanner: Scanner, text: str) -> None:
    assert scanner.scan(content_of_text(text)).findings == ()
