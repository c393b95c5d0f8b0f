"""A price must be told as it is billed: with every digit, and what is unknown as unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import pytest

from gateway.accounting.machine import MachineRate
from gateway.accounting.prices import ALWAYS, Version
from gateway.accounting.pricewords import in_full, in_short, per_million, since_words, source_words
from gateway.accounting.tariff import Fees, OffPeak, Rates, Tariff

TARIFF: Final = Tariff(
    Rates(Decimal("2.5e-6"), Decimal("1.5e-5"), cached=Decimal("2.5e-7")),
    ((272_000, Rates(Decimal("5e-6"), Decimal("2.25e-5"))),),
    Fees(Decimal("0.025"), Decimal("0.01")),
    {"flex": Tariff(Rates(Decimal("1.25e-6"), Decimal("7.5e-6")), ((272_000, None),))},
    OffPeak((), Tariff(Rates(Decimal("1e-6")))),
)
MACHINE: Final = MachineRate(Decimal(450), Decimal("0.28"), Decimal("0.21"), "/sys/energy_uj")


def test_in_short() -> None:
    more = "cached 0.25; more above 272,000; tiers flex; less off-peak; 0.025 a call"
    assert in_short(Version(ALWAYS, TARIFF, "list", "m")) == ("2.5", "15", more)
    assert in_short(Version(ALWAYS, MACHINE, "configuration")) == (
        "-",
        "-",
        "0.336 an hour (450 W × 0.28 $/kWh + 0.21 $/h)",
    )
    assert in_short(Version(ALWAYS, Tariff(Rates(Decimal(0))), "list")) == ("0", "unknown", "")
    assert in_short(None) == ("unknown", "unknown", "")


def test_in_full() -> None:
    assert list(in_full(Version(ALWAYS, TARIFF, "list", "m"))) == [
        ("input", "2.5"),
        ("cached input", "0.25"),
        ("output", "15"),
        ("above 272,000 tokens: input", "5"),
        ("above 272,000 tokens: output", "22.5"),
        ("dollars a call", "0.025"),
        ("dollars a search", "0.01"),
        ("flex: input", "1.25"),
        ("flex: output", "7.5"),
        ("flex: above 272,000 tokens", "unknown"),
        ("off-peak: input", "1"),
    ]
    assert list(in_full(Version(ALWAYS, MACHINE, "configuration"))) == [
        ("while busy", "0.336 an hour (450 W × 0.28 $/kWh + 0.21 $/h)"),
        ("measured", "/sys/energy_uj; what is stated is the most"),
    ]


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (Version(ALWAYS, TARIFF, "configuration"), "the configuration"),
        (Version(ALWAYS, TARIFF, "assumed"), "an assumption"),
        (Version(0.0, TARIFF, "file", "march.yaml"), "march.yaml"),
        (Version(ALWAYS, TARIFF, "list", "gpt-4o"), "litellm's list, gpt-4o"),
        (None, ""),
    ],
)
def test_where_it_is_from(version: Version | None, words: str) -> None:
    assert source_words(version) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01"),
        (datetime(2026, 3, 1, 22, 30, tzinfo=UTC), "2026-03-01T22:30:00Z"),
    ],
)
def test_since_when(moment: datetime, words: str) -> None:
    assert since_words(Version(moment.timestamp(), TARIFF, "file", "f")) == words


def test_from_the_beginning() -> None:
    assert since_words(Version(ALWAYS, TARIFF, "list")) == "-"
    assert since_words(None) == "-"


def test_no_digit_is_lost() -> None:
    assert per_million(Decimal("1.23456789e-8")) == "0.0123456789"
    assert per_million(None) == "unknown"
