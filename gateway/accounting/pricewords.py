"""Price words: prices as people read them. Rates are told in dollars per million tokens, with every digit they have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from gateway.accounting.machine import MachineRate
from gateway.accounting.money import EXACT, dollars
from gateway.accounting.prices import ALWAYS, Version
from gateway.accounting.tariff import Fees, Rates, Tariff

UNKNOWN: Final = "unknown"

_MILLION: Final = Decimal(1_000_000)
_KINDS: Final = (
    ("prompt", "input"),
    ("cached", "cached input"),
    ("written", "cache write"),
    ("written_hour", "cache write for an hour"),
    ("audio_prompt", "sound in"),
    ("image_prompt", "images in"),
    ("completion", "output"),
    ("reasoning", "reasoning"),
    ("audio_completion", "sound out"),
    ("image_completion", "images out"),
)


def in_short(version: Version | None) -> tuple[str, str, str]:
    """Input, output and what else there is, in a few words."""
    if version is None:
        return UNKNOWN, UNKNOWN, ""
    rate = version.rate
    if isinstance(rate, MachineRate):
        return "-", "-", machine_words(rate)
    more = []
    if rate.base.cached is not None:
        more.append(f"cached {per_million(rate.base.cached)}")
    if rate.tiers:
        more.append("more above " + ", ".join(f"{above:,}" for above, _ in rate.tiers))
    if rate.services:
        more.append("tiers " + ", ".join(sorted(rate.services)))
    if rate.off_peak is not None:
        more.append("less off-peak")
    if rate.fees.call:
        more.append(f"{dollars(rate.fees.call)} a call")
    return per_million(rate.base.prompt), per_million(rate.base.completion), "; ".join(more)


def in_full(version: Version) -> Iterator[tuple[str, str]]:
    """Every rate: its name, and dollars."""
    rate = version.rate
    if isinstance(rate, MachineRate):
        yield "while busy", machine_words(rate)
        if rate.measured is not None:
            yield "measured", f"{rate.measured}; what is stated is the most"
        return
    yield from _tariff_words(rate, "")
    yield from _fee_words(rate.fees)
    for name, service in sorted(rate.services.items()):
        yield from _tariff_words(service, f"{name}: ")
    if rate.off_peak is not None:
        yield from _tariff_words(rate.off_peak.tariff, "off-peak: ")


def source_words(version: Version | None) -> str:
    """Where the price is from."""
    if version is None:
        return ""
    match version.source:
        case "configuration":
            return "the configuration"
        case "assumed":
            return "an assumption"
        case "file":
            return version.named
        case "list":
            return f"litellm's list, {version.named}"


def since_words(version: Version | None) -> str:
    if version is None or version.since == ALWAYS:
        return "-"
    moment = datetime.fromtimestamp(version.since, UTC)
    return moment.strftime("%Y-%m-%d" if moment.time() == moment.time().min else "%Y-%m-%dT%H:%M:%SZ")


def machine_words(rate: MachineRate) -> str:
    together = rate.cost(Decimal(3600))
    power = f"{dollars(rate.watts)} W × {dollars(rate.per_kwh)} $/kWh + " if rate.watts else ""
    return f"{dollars(together)} an hour ({power}{dollars(rate.per_hour)} $/h)"


def per_million(rate: Decimal | None) -> str:
    return UNKNOWN if rate is None else dollars(EXACT.multiply(rate, _MILLION))


def _tariff_words(tariff: Tariff, prefix: str) -> Iterator[tuple[str, str]]:
    yield from _rate_words(tariff.base, prefix)
    for above, rates in tariff.tiers:
        if rates is None:
            yield f"{prefix}above {above:,} tokens", UNKNOWN
        else:
            yield from _rate_words(rates, f"{prefix}above {above:,} tokens: ")


def _rate_words(rates: Rates, prefix: str) -> Iterator[tuple[str, str]]:
    for field, words in _KINDS:
        rate: Decimal | None = getattr(rates, field)
        if rate is not None:
            yield prefix + words, per_million(rate)


def _fee_words(fees: Fees) -> Iterator[tuple[str, str]]:
    if fees.call:
        yield "dollars a call", dollars(fees.call)
    if fees.search is not None:
        yield "dollars a search", dollars(fees.search)
