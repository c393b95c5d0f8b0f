"""Cards and accounts."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.detectors.payment import IBAN
from router.sensitivity.scanner import Scanner
from router.sensitivity.view import view_of


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


def types(scanner: Scanner, text: str) -> set[str]:
    return {finding.type for finding in scanner.scan(content_of_text(text)).findings}


def test_iban_ends_where_its_country_says() -> None:
    text = "to GB82 WEST 1234 5698 7654 32 in the name of"
    (span,) = IBAN.find(view_of(text), [0])
    assert text[span.start : span.end] == "GB82 WEST 1234 5698 7654 32"


def test_mistyped_iban_counts_where_a_word_says_iban() -> None:
    assert [span.confidence for span in IBAN.find(view_of("IBAN DE89370400440532013001"), [0])] == [0.8]
    assert list(IBAN.find(view_of("part DE89370400440532013001"), [0])) == []


@pytest.mark.parametrize("number", ["4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009"])
def test_cards_of_the_schemes_test_ranges(scanner: Scanner, number: str) -> None:
    assert "CREDIT_CARD" in types(scanner, f"pay with {number} now")


def test_no_card(scanner: Scanner) -> None:
    assert types(scanner, "Is 4111111111111112 prime?") == set()
    assert types(scanner, "commit 4111111111111111 broke it") == set()


@pytest.mark.parametrize(
    "text",
    [
        "Pay my order with {} please",
        "Commande : {} exp 12/27",
        "In the last line he put {}",
        "Bestellung 12, bezahlt mit {}",
    ],
)
@pytest.mark.parametrize("number", ["4970 1012 3456 7893", "4970-1012-3456-7893", "3400 000000 00009"])
def test_a_card_in_its_groups_is_no_order(scanner: Scanner, text: str, number: str) -> None:
    """Words such as "order" and "line" speak against a bare number. They let cards out that stood there as printed."""
    assert "CREDIT_CARD" in types(scanner, text.format(number))
