"""Entry: what litellm's price file has of one model, as a tariff.

What an entry says in a way that is not understood here makes its price unknown, where leaving it out would make a call
look cheaper or dearer than it is. Fields by which nothing here is billed are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from decimal import Decimal
from typing import Any, Final

from gateway.accounting.money import EXACT
from gateway.accounting.tariff import Fees, OffPeak, Rates, Tariff
from router.hours import Hours, span_of

Fields = Mapping[str, object]

_ABOVE: Final = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")
_SERVICE: Final = re.compile(r"input_cost_per_token_([a-z]+)")
_WORDS: Final = {"batches": "batch"}  # the file's: the provider's, in answers
_LIKE_USUAL: Final = {"groq": ("flex",)}
"""Tiers at the usual price, by provider: Groq's flex tier may refuse more often, and costs the same."""
_ALWAYS_SEARCHES: Final = re.compile(r"(.*/)?gpt-[\w.-]+-search(-preview|-api)\b.*")
"""OpenAI's models that search before each answer, and do not say so in what they count."""
_SIZES: Final = ("search_context_size_low", "search_context_size_medium", "search_context_size_high")


@dataclass(frozen=True, slots=True)
class Window:
    """What a model can take, in tokens: the longest prompt and the longest answer. None: not known."""

    prompt: int | None = None
    completion: int | None = None


def tariff_of(entry: Fields, name: str = "", region: str = "") -> Tariff | None:
    """None when it has no price per token; zero for both is a gap in the file, not a gift.

    `region`: where the provider is asked to stay, which some charge for.
    """
    uplift = _number(entry.get(f"regional_processing_uplift_multiplier_{region}")) if region else None
    standard = _ranges(entry, uplift) if "tiered_pricing" in entry else _tariff(entry, "", uplift)
    if standard is None or not (standard.base.prompt or standard.base.completion):
        return None
    search = _search(entry)
    always = search if search is not None and _ALWAYS_SEARCHES.fullmatch(name) else Decimal(0)
    fees = Fees(call=EXACT.add(_number(entry.get("input_cost_per_request")) or Decimal(0), always), search=search)
    standard = replace(standard, fees=fees)
    services = {
        _WORDS.get(match[1], match[1]): replace(service, fees=fees)
        for field in entry
        if (match := _SERVICE.fullmatch(field)) and (service := _tariff(entry, f"_{match[1]}", uplift))
    }
    services |= dict.fromkeys(_LIKE_USUAL.get(str(entry.get("litellm_provider")), ()), standard)
    off_peak = None
    if "off_peak_pricing" in entry:
        off_peak = _off_peak(entry, fees, uplift)
        if off_peak is None:
            return None
    return replace(standard, services=services, off_peak=off_peak)


def window_of(entry: Fields) -> Window:
    def tokens(name: str) -> int | None:
        value = _number(entry.get(name))
        return int(value) if value else None

    return Window(tokens("max_input_tokens"), tokens("max_output_tokens"))


def _tariff(entry: Fields, service: str, uplift: Decimal | None) -> Tariff | None:
    """That of one service tier (`_flex`; nothing: the usual one).

    What it does not name is as usual; but where the usual rates rise with the prompt and it does not say how its own
    do, they are unknown.
    """
    base = _rates(entry, ("", service), uplift)
    if base is None:
        return None
    tiers: list[tuple[int, Rates | None]] = []
    for field in entry:
        if match := _ABOVE.fullmatch(field):
            above = f"_above_{match[1]}k_tokens"
            is_said = field + service in entry
            dearer = _rates(entry, ("", service, above, above + service), uplift) if is_said else None
            tiers.append((int(match[1]) * 1000, dearer))
    return Tariff(base, tuple(sorted(tiers, key=lambda tier: tier[0])))


def _rates(entry: Fields, suffixes: tuple[str, ...], uplift: Decimal | None = None) -> Rates | None:
    """Each rate under its name with the last of the suffixes that it has."""

    def rate(name: str) -> Decimal | None:
        found = None
        for suffix in suffixes:
            value = _number(entry.get(name + suffix))
            found = value if value is not None else found
        return found if found is None or uplift is None else EXACT.multiply(found, uplift)

    prompt = rate("input_cost_per_token")
    if prompt is None:
        return None
    return Rates(
        prompt=prompt,
        completion=rate("output_cost_per_token"),
        cached=rate("cache_read_input_token_cost"),
        written=rate("cache_creation_input_token_cost"),
        reasoning=rate("output_cost_per_reasoning_token"),
        audio_prompt=rate("input_cost_per_audio_token"),
        audio_completion=rate("output_cost_per_audio_token"),
        written_hour=rate("cache_creation_input_token_cost_above_1hr"),
        image_prompt=rate("input_cost_per_image_token"),
        image_completion=rate("output_cost_per_image_token"),
    )


def _ranges(entry: Fields, uplift: Decimal | None) -> Tariff | None:
    """Rates by the length of the prompt, as a list of ranges."""
    listed = entry["tiered_pricing"]
    found: list[tuple[int, Rates]] = []
    for item in listed if isinstance(listed, list) else ():
        rates = _rates(item, ("",), uplift) if isinstance(item, dict) else None
        span = item.get("range") if isinstance(item, dict) else None
        first = _number(span[0]) if isinstance(span, list) and span else None
        if rates is None or first is None:
            return None
        found.append((int(first), rates))
    found.sort(key=lambda tier: tier[0])
    if not found or found[0][0] != 0:
        return None
    return Tariff(found[0][1], tuple(found[1:]))


def _off_peak(entry: Fields, fees: Fees, uplift: Decimal | None) -> OffPeak | None:
    """None where its hours are not understood."""
    block = entry["off_peak_pricing"]
    if not isinstance(block, dict) or "weekday_timezone" in block:
        return None
    rules = block.get("windows")
    rules = [*(rules if isinstance(rules, list) else ())]
    if "hours_utc" in block:
        rules.append({"hours_utc": block["hours_utc"]})
    rates = _rates({**entry, **block}, ("",), uplift)
    try:
        hours = tuple(hours for rule in rules for hours in _hours(rule))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return OffPeak(hours, Tariff(rates, fees=fees)) if rates and hours else None


def _hours(rule: Mapping[str, Any]) -> list[Hours]:
    """Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` where they cannot be read."""
    spans, days = rule["hours_utc"], rule.get("weekdays", range(1, 8))
    own = frozenset(int(day) - 1 for day in days)
    found = []
    for span in [spans] if isinstance(spans, str) else spans:
        start, end = (0, 24 * 60) if span == "00:00-00:00" else span_of(span)
        found.append(Hours(UTC, start, end, own))
    return found


def _search(entry: Fields) -> Decimal | None:
    """What one search costs. None where that depends on more than we are told: its size, or a free allowance."""
    by_size = entry.get("search_context_cost_per_query")
    if not isinstance(by_size, dict) or "search_free_requests" in entry:
        return None
    costs = {_number(by_size[size]) for size in _SIZES if size in by_size}
    return costs.pop() if len(costs) == 1 else None


def _number(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) and value.is_finite() and value >= 0 else None
