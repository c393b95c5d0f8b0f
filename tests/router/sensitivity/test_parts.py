"""If this fails, pieces of ids, fingerprints and decimals count as cards and phones, or real ones no longer do."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.parts import is_part
from router.sensitivity.scanner import Scanner


def part(text: str, found: str) -> bool:
    start = text.index(found)
    return is_part(text, start, start + len(found))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"score": 0.45184515422613547', "45184515422613547"),
        ('"score": 8.451845154226135', "8.451845154226135"),
        ("c6d12345-1234-4567-8901-0123456789ab", "8901"),
        ("session_ad8a12d2-1234567", "1234567"),
        ("idx_report_7654321e", "7654321e"),
        ('"parent_id": "4539578763621486019"', "4539578763621486019"),
        ("4516 1712345678901", "4516 1712345678901"),
        ("AB:CD:12:34:56:78:9A:BC:DE", "12:34:56:78:9A:BC"),
    ],
)
def test_a_piece_of_something_longer(text: str, found: str) -> None:
    assert part(text, found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call +1.4155552671 please", "1.4155552671"),
        ("tel_+33612345678", "+33612345678"),
        ("my card: 4539578763621486", "4539578763621486"),
        ("ring 0 1612345678", "0 1612345678"),
        ("flat b-0612345678", "0612345678"),
    ],
)
def test_a_number_of_its_own(text: str, found: str) -> None:
    assert not part(text, found)


def test_a_card_is_found_where_an_id_is_not() -> None:
    scanner = Scanner.default()
    assert scanner.scan(content_of_text("4539 5787 6362 1486")).findings
    assert not scanner.scan(content_of_text('{"score": 0.4539578763621486}')).findings
