"""What a provider publishes in an unusual way is billed so, or is unknown; a slip makes nothing cheaper or dearer."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.accounting.entry import Window, tariff_of, window_of
from gateway.accounting.tariff import Rates, Tariff
from gateway.accounting.usage import Usage


def entry(**fields: Any) -> dict[str, object]:
    """As the catalogue reads it: numbers are decimals."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value

    return {name: plain(value) for name, value in fields.items()}


def known(fields: dict[str, object], name: str = "", region: str = "") -> Tariff:
    tariff = tariff_of(fields, name, region)
    assert tariff is not None
    return tariff


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"output_cost_per_token": Decimal(1)},
        {"input_cost_per_token": Decimal(0), "output_cost_per_token": Decimal(0)},
        {"input_cost_per_token": "0.1"},
        {"input_cost_per_token": Decimal(-1), "output_cost_per_token": Decimal(1)},
        {"input_cost_per_image": Decimal("0.04")},
    ],
)
def test_an_entry_without_a_price_per_token_is_unknown_and_not_free(entry: dict[str, object]) -> None:
    assert tariff_of(entry) is None


def test_tiers_are_read_in_order_and_keep_the_rates_they_do_not_name() -> None:
    tariff = tariff_of(
        {
            "input_cost_per_token": Decimal(1),
            "output_cost_per_token": Decimal(2),
            "cache_read_input_token_cost": Decimal("0.1"),
            "input_cost_per_token_above_272k_tokens": Decimal(7),
            "input_cost_per_token_above_128k_tokens": Decimal(5),
            "output_cost_per_token_above_128k_tokens": Decimal(6),
            "input_cost_per_token_above_128k_tokens_batches": Decimal(9),
        }
    )
    assert tariff is not None
    assert tariff.tiers == (
        (128_000, Rates(Decimal(5), Decimal(6), cached=Decimal("0.1"))),
        (272_000, Rates(Decimal(7), Decimal(2), cached=Decimal("0.1"))),
    )


@pytest.mark.parametrize(
    ("fields", "window"),
    [
        (entry(max_input_tokens=128000, max_output_tokens=16384, max_tokens=16384), Window(128_000, 16_384)),
        (entry(max_input_tokens=8191), Window(8191, None)),
        (entry(max_input_tokens="128000", max_output_tokens=0), Window()),
    ],
)
def test_how_much_a_model_takes_is_read_where_it_is_said(fields: dict[str, object], window: Window) -> None:
    assert window_of(fields) == window


CLAUDE = entry(
    input_cost_per_token=3,
    output_cost_per_token=15,
    cache_read_input_token_cost=0.3,
    cache_creation_input_token_cost=3.75,
    cache_creation_input_token_cost_above_1hr=6,
    input_cost_per_token_above_200k_tokens=6,
    output_cost_per_token_above_200k_tokens=22.5,
    cache_creation_input_token_cost_above_1hr_above_200k_tokens=12,
)


def test_what_is_kept_for_an_hour_has_its_own_rate() -> None:
    usage = Usage(1000, 0, written_tokens=500, written_hour_tokens=200)
    assert known(CLAUDE).cost(usage) == 500 * 3 + 300 * Decimal("3.75") + 200 * 6
    long = Usage(200_001, 0, written_tokens=10, written_hour_tokens=10)
    assert known(CLAUDE).cost(long) == 199_991 * 6 + 10 * 12


SERVED = entry(
    litellm_provider="openai",
    input_cost_per_token=2.5,
    output_cost_per_token=15,
    cache_read_input_token_cost=0.25,
    input_cost_per_token_flex=1.25,
    output_cost_per_token_flex=7.5,
    input_cost_per_token_priority=5,
    output_cost_per_token_priority=30,
    input_cost_per_token_batches=1.25,
    output_cost_per_token_batches=7.5,
    input_cost_per_token_above_272k_tokens=5,
    output_cost_per_token_above_272k_tokens=22.5,
    input_cost_per_token_above_272k_tokens_flex=2.5,
    output_cost_per_token_above_272k_tokens_flex=11.25,
)


@pytest.mark.parametrize(
    ("tier", "prompt", "cost"),
    [
        ("", 100, 100 * 2.5 + 10 * 15),
        ("flex", 100, 100 * 1.25 + 10 * 7.5),
        ("priority", 100, 100 * 5 + 10 * 30),
        ("batch", 100, 100 * 1.25 + 10 * 7.5),
        ("ultrafast", 100, None),  # nobody published what it costs
        ("", 272_001, 272_001 * 5 + 10 * 22.5),
        ("flex", 272_001, 272_001 * 2.5 + 10 * 11.25),
        ("priority", 272_001, None),  # it rises, and nobody says how much
    ],
)
def test_a_service_tier_has_its_rates(tier: str, prompt: int, cost: float | None) -> None:
    expected = None if cost is None else Decimal(str(cost))
    assert known(SERVED).cost(Usage(prompt, 10, tier=tier)) == expected


def test_what_a_tier_does_not_name_is_as_usual() -> None:
    assert known(SERVED).cost(Usage(100, 0, cached_tokens=100, tier="flex")) == 25


def test_a_tier_at_the_usual_price_is_known_by_its_provider() -> None:
    groq = entry(litellm_provider="groq", input_cost_per_token=1, output_cost_per_token=2)
    assert known(groq).cost(Usage(10, 10, tier="flex")) == 30
    assert known(groq).cost(Usage(10, 10, tier="priority")) is None


def test_a_region_costs_more_where_the_provider_says_so() -> None:
    fields = entry(input_cost_per_token=2, output_cost_per_token=4, regional_processing_uplift_multiplier_eu=1.1)
    assert known(fields, region="eu").cost(Usage(10, 10)) == 66
    assert known(fields, region="us").cost(Usage(10, 10)) == 60
    assert known(fields).cost(Usage(10, 10)) == 60


def test_ranges_are_tiers() -> None:
    ranges = [
        {"range": [256000, 1000000], "input_cost_per_token": 5, "output_cost_per_token": 50},
        {"range": [0, 256000], "input_cost_per_token": 1, "output_cost_per_token": 10},
    ]
    tariff = known(entry(tiered_pricing=ranges))
    assert tariff.cost(Usage(256_000, 1)) == 256_010
    assert tariff.cost(Usage(256_001, 1)) == 256_001 * 5 + 50


@pytest.mark.parametrize(
    "ranges",
    [
        [],
        "free",
        [{"range": [0, 100]}],
        [{"input_cost_per_token": 1, "output_cost_per_token": 1}],
        [{"range": [100, 200], "input_cost_per_token": 1, "output_cost_per_token": 1}],
    ],
)
def test_ranges_that_say_nothing_are_no_price(ranges: object) -> None:
    assert tariff_of(entry(tiered_pricing=ranges)) is None


NIGHTS = {
    "input_cost_per_token": 1,
    "output_cost_per_token": 2,
    "windows": [
        {"hours_utc": ["00:00-01:00", "22:00-00:00"], "weekdays": [1, 2, 3, 4, 5]},
        {"hours_utc": "00:00-00:00", "weekdays": [6, 7]},
    ],
}


@pytest.mark.parametrize(
    ("moment", "cost"),
    [
        ("2026-11-27T00:59:59", 30),  # a Friday
        ("2026-11-27T01:00:00", 100),
        ("2026-11-27T21:59:59", 100),
        ("2026-11-27T22:00:00", 30),
        ("2026-11-28T12:00:00", 30),  # a Saturday
    ],
)
def test_at_some_hours_it_costs_less(moment: str, cost: int) -> None:
    tariff = known(entry(input_cost_per_token=3, output_cost_per_token=7, off_peak_pricing=NIGHTS))
    assert tariff.cost(Usage(10, 10), at(moment)) == cost


def test_where_hours_matter_and_nobody_says_when_the_cost_is_unknown() -> None:
    tariff = known(entry(input_cost_per_token=3, output_cost_per_token=7, off_peak_pricing=NIGHTS))
    assert tariff.cost(Usage(10, 10)) is None
    assert tariff.most(10, 10) == 100


@pytest.mark.parametrize(
    "block",
    [
        {**NIGHTS, "weekday_timezone": "Asia/Shanghai"},
        {"input_cost_per_token": 1, "windows": [{"hours_utc": "late"}]},
        {"input_cost_per_token": 1, "windows": ["nights"]},
        {"input_cost_per_token": 1},
        "nights",
    ],
)
def test_hours_that_are_not_understood_make_the_price_unknown(block: object) -> None:
    assert tariff_of(entry(input_cost_per_token=3, output_cost_per_token=7, off_peak_pricing=block)) is None


def searching(low: float, medium: float, high: float) -> dict[str, float]:
    return {
        "search_context_size_low": low,
        "search_context_size_medium": medium,
        "search_context_size_high": high,
    }


def test_a_search_has_its_fee_where_there_is_one_fee() -> None:
    same = entry(
        input_cost_per_token=1, output_cost_per_token=1, search_context_cost_per_query=searching(0.5, 0.5, 0.5)
    )
    assert known(same).cost(Usage(1, 1, searches=3)) == Decimal("3.5")
    assert known(same | {"search_free_requests": {"count": 10}}).cost(Usage(1, 1, searches=3)) is None
    by_size = entry(input_cost_per_token=1, output_cost_per_token=1, search_context_cost_per_query=searching(1, 2, 3))
    assert known(by_size).cost(Usage(1, 1, searches=1)) is None
    assert known(by_size).cost(Usage(1, 1)) == 2


def test_what_always_searches_costs_that_each_time() -> None:
    fields = entry(
        input_cost_per_token=1, output_cost_per_token=1, search_context_cost_per_query=searching(0.5, 0.5, 0.5)
    )
    assert known(fields, "gpt-4o-search-preview").cost(Usage(1, 1)) == Decimal("2.5")
    assert known(fields, "gpt-5-search-api-2025-10-14").cost(Usage(1, 1)) == Decimal("2.5")
    assert known(fields, "gpt-4o").cost(Usage(1, 1)) == 2


def test_a_fee_for_each_request_is_in_the_cost_and_in_the_most() -> None:
    tariff = known(entry(input_cost_per_token=1, output_cost_per_token=1, input_cost_per_request=5))
    assert tariff.cost(Usage(1, 1)) == 7
    assert tariff.most(1, 1) == 7


def test_images_have_their_rates() -> None:
    tariff = known(
        entry(
            input_cost_per_token=1,
            output_cost_per_token=2,
            input_cost_per_image_token=3,
            output_cost_per_image_token=30,
        )
    )
    assert tariff.cost(Usage(10, 10, image_prompt_tokens=4, image_completion_tokens=5)) == 6 + 12 + 10 + 150
    assert tariff.base == Rates(Decimal(1), Decimal(2), image_prompt=Decimal(3), image_completion=Decimal(30))
