"""Golden costs, worked by hand; and what has no price must not look free."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.accounting.catalogue import Catalogue
from gateway.accounting.entry import Window
from gateway.accounting.machine import MachineRate
from gateway.accounting.prices import ASSUMED_MACHINE, PriceBook, dollars
from gateway.accounting.usage import Usage, usage_of
from gateway.config.price import DatedPrices, MachinePrice, Price, TokenPrice, TokenRates
from gateway.config.settings import Deployment
from gateway.config.shape import settings_of

# Prices per token as their providers published them (2026), as in litellm's file.
PUBLISHED: Final = """{
 "gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
            "cache_read_input_token_cost": 1.25e-06},
 "gpt-4o-mini": {"litellm_provider": "openai", "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07,
            "cache_read_input_token_cost": 7.5e-08},
 "claude-sonnet-4-5": {"litellm_provider": "anthropic", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
            "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06},
 "gemini/gemini-2.5-pro": {"litellm_provider": "gemini", "input_cost_per_token": 1.25e-06,
            "output_cost_per_token": 1e-05, "input_cost_per_token_above_200k_tokens": 2.5e-06,
            "output_cost_per_token_above_200k_tokens": 1.5e-05},
 "deepseek/deepseek-chat": {"litellm_provider": "deepseek", "input_cost_per_token": 2.8e-07,
            "output_cost_per_token": 4.2e-07, "cache_read_input_token_cost": 2.8e-08},
 "text-embedding-3-small": {"litellm_provider": "openai", "input_cost_per_token": 2e-08, "output_cost_per_token": 0},
 "ollama/llama3": {"litellm_provider": "ollama", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
}"""


def deployment(base_url: str | None, model: str, *, engine: str = "openai", zone: str = "cloud") -> Deployment:
    return settings_of(Deployment, {"zone": zone, "engine": engine, "base_url": base_url, "model": model})


MACHINE: Final = MachinePrice(watts=Decimal(450), per_kwh=Decimal("0.28"), per_hour=Decimal("0.21"))
DEPLOYMENTS: Final = {
    "openai": deployment("https://api.openai.com/v1", "gpt-4o"),
    "mini": deployment("https://api.openai.com/v1", "gpt-4o-mini"),
    "anthropic": deployment(None, "anthropic/claude-sonnet-4-5", engine="litellm"),
    "bare": deployment(None, "claude-sonnet-4-5", engine="litellm"),
    "gemini": deployment("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-pro"),
    "deepseek": deployment("https://API.DeepSeek.com/v1", "deepseek-chat"),
    "embedding": deployment("https://api.openai.com/v1", "text-embedding-3-small"),
    "own": Deployment(
        zone="cloud",
        engine="openai",
        base_url="https://api.openai.com/v1",
        model="gpt-4o",
        price=Price(tokens=TokenPrice(input=Decimal("0.20"), output=Decimal("0.80"), cached_input=Decimal("0.05"))),
    ),
    "rack": Deployment(
        zone="eu",
        engine="openai",
        base_url="http://10.0.0.5:8000/v1",
        price=Price(machine=MACHINE),
    ),
    "home": deployment(None, "default", engine="embedded", zone="local"),
    "loopback": deployment("http://127.0.0.1:9102/v1", "gpt-4o"),
    "private": deployment("http://192.168.1.7:8000/v1", "gpt-4o"),
    "named": deployment("http://ollama:11434/v1", "gpt-4o"),
    "stranger": deployment("https://llm.example.com/v1", "gpt-4o"),
    "lookalike": deployment("https://notapi.openai.com.example.com/v1", "gpt-4o"),
    "new": deployment("https://api.openai.com/v1", "gpt-99"),
    "gap": deployment(None, "ollama/llama3", engine="litellm"),
}

GOLDEN: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    # 19 × 2.50 + 10 × 10 = 147.5 dollars a million
    "plain": ("openai", {"prompt_tokens": 19, "completion_tokens": 10}, "0.0001475"),
    # 86 × 2.50 + 1,920 × 1.25 + 300 × 10 = 5,615
    "cached": (
        "openai",
        {
            "prompt_tokens": 2006,
            "completion_tokens": 300,
            "prompt_tokens_details": {"cached_tokens": 1920},
            "completion_tokens_details": {"reasoning_tokens": 192},
        },
        "0.005615",
    ),
    # 7 × 0.15 + 1 × 0.60 = 1.65
    "small amounts": ("mini", {"prompt_tokens": 7, "completion_tokens": 1}, "0.00000165"),
    # 21 × 3 + 188 × 3.75 + 1,000 × 0.30 + 393 × 15 = 6,963
    "Anthropic": (
        "anthropic",
        {
            "input_tokens": 21,
            "cache_creation_input_tokens": 188,
            "cache_read_input_tokens": 1000,
            "output_tokens": 393,
        },
        "0.006963",
    ),
    "Anthropic through litellm, the same call": (
        "bare",
        {
            "prompt_tokens": 1209,
            "completion_tokens": 393,
            "total_tokens": 1602,
            "prompt_tokens_details": {"cached_tokens": 1000},
            "cache_creation_input_tokens": 188,
        },
        "0.006963",
    ),
    # 12 × 1.25 + 520 × 10 = 5,215
    "Gemini, thinking": ("gemini", {"prompt_tokens": 12, "completion_tokens": 20, "total_tokens": 532}, "0.005215"),
    # 250,000 × 2.50 + 1,000 × 15 = 640,000
    "Gemini, long prompt": ("gemini", {"prompt_tokens": 250_000, "completion_tokens": 1000}, "0.64"),
    # 4 × 0.28 + 12 × 0.028 + 10 × 0.42 = 5.656
    "DeepSeek": (
        "deepseek",
        {"prompt_tokens": 16, "completion_tokens": 10, "prompt_cache_hit_tokens": 12, "prompt_cache_miss_tokens": 4},
        "0.000005656",
    ),
    # 8 × 0.02 = 0.16
    "embedding": ("embedding", {"prompt_tokens": 8, "total_tokens": 8}, "0.00000016"),
    # 600 × 0.20 + 400 × 0.05 + 100 × 0.80 = 220
    "own price": (
        "own",
        {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 400}},
        "0.00022",
    ),
    # 18 s of (450 W × 0.28 $/kWh = 0.126 $/h) + 0.21 $/h = 18 × 0.336 / 3600
    "a machine elsewhere": ("rack", {"prompt_tokens": 1000, "completion_tokens": 100}, "0.00168"),
    # 18 s of (60 W × 0.30 $/kWh = 0.018 $/h) + 0.03 $/h = 18 × 0.048 / 3600
    "a machine at home": ("home", {"prompt_tokens": 1000, "completion_tokens": 100}, "0.00024"),
    "audio": (
        "openai",
        {"prompt_tokens": 100, "completion_tokens": 50, "prompt_tokens_details": {"audio_tokens": 60}},
        "unknown",
    ),
}


@pytest.fixture
def book(tmp_path: Path) -> PriceBook:
    path = tmp_path / "prices.json"
    path.write_text(PUBLISHED)
    return PriceBook(DEPLOYMENTS, Catalogue(path))


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_cost(book: PriceBook, name: str) -> None:
    deployment_name, raw, amount = GOLDEN[name]
    usage = usage_of(raw)
    assert usage is not None
    cost = book.cost(deployment_name, usage, Decimal(18))
    assert ("unknown" if cost is None else dollars(cost)) == amount


def test_the_most_is_all_its_tokens_or_all_its_time(book: PriceBook) -> None:
    assert book.most("openai", 1_000_000, 100_000, 600.0) == Decimal("3.5")
    assert book.most("rack", 1_000_000, 100_000, 600.0) == Decimal("0.056")  # 600 s × 0.336 $/h
    assert book.most("home", 0, 0, 0.5) == Decimal("0.000006666667")  # time is what bounds a machine


@pytest.mark.parametrize("name", ["stranger", "removed"])
def test_what_has_no_price_could_cost_anything(book: PriceBook, name: str) -> None:
    assert book.most(name, 1, 1, 1.0) is None


def test_how_much_a_model_takes_is_known_where_its_price_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(PUBLISHED.replace('"gpt-4o": {', '"gpt-4o": {"max_input_tokens": 128000, '))
    book = PriceBook(DEPLOYMENTS, Catalogue(path))
    assert book.window("openai") == Window(prompt=128_000)
    assert book.window("own") == book.window("home") == Window()


@pytest.mark.parametrize("name", ["loopback", "private", "named", "stranger", "lookalike", "new", "gap", "removed"])
def test_an_unknown_price_is_none(book: PriceBook, name: str) -> None:
    assert book.cost(name, Usage(1000, 100), Decimal(1)) is None
    assert book.unknown_price(name)


def test_what_has_no_price_is_named(book: PriceBook) -> None:
    assert book.unpriced == {"loopback", "private", "named", "stranger", "lookalike", "new", "gap"}
    assert book.assumed == {"home"}
    assert not book.unknown_price("home")
    assert not book.unknown_price("openai")


def test_home_is_never_given_a_cloud_price() -> None:
    at_home = {"vouched": deployment("https://api.openai.com/v1", "gpt-4o", zone="local")}
    cost = PriceBook(at_home, Catalogue()).cost("vouched", Usage(10**6, 10**6), Decimal(3600))
    assert cost == Decimal("0.048")
    assert ASSUMED_MACHINE.per_hour == Decimal("0.03")


def test_without_a_catalogue_only_configured_prices_are_known() -> None:
    assert PriceBook(DEPLOYMENTS, None).cost("own", Usage(1000, 0), Decimal(0)) == Decimal("0.0002")
    assert PriceBook(DEPLOYMENTS, None).cost("openai", Usage(1000, 0), Decimal(0)) is None


def test_the_catalogue_is_left_alone_when_everything_has_a_price(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing = Catalogue(tmp_path / "prices.json")  # reading it would be logged
    priced = {name: DEPLOYMENTS[name] for name in ("own", "rack", "home", "loopback")}
    assert PriceBook(priced, missing).unpriced == {"loopback"}
    assert not caplog.records
    assert PriceBook(DEPLOYMENTS, missing).unknown_price("openai")
    assert caplog.records


def test_time_that_runs_backwards_costs_nothing(book: PriceBook) -> None:
    assert book.cost("home", Usage(1, 1), Decimal(-5)) == 0


JANUARY, MARCH, MAY = 1767225600.0, 1772323200.0, 1777593600.0  # 2026, the first of each, UTC


def at_rate(amount: int) -> TokenPrice:
    return TokenPrice(input=Decimal(amount), output=Decimal(0))


def dated(since: float, file: str, deployments: dict[str, Price], models: dict[str, TokenPrice]) -> DatedPrices:
    return DatedPrices(since, file, deployments, models)


LISTS: Final = (
    dated(JANUARY, "january.yaml", {}, {"openai/gpt-4o": at_rate(1), "gpt-99": at_rate(9)}),
    dated(
        MARCH,
        "march.yaml",
        {"openai": Price(tokens=at_rate(3)), "own": Price(tokens=at_rate(4)), "home": Price(machine=MACHINE)},
        {"openai/gpt-4o": at_rate(2)},
    ),
    dated(MAY, "may.yaml", {}, {"gpt-4o": at_rate(5), "default": at_rate(6), "llm": at_rate(7)}),
)


@pytest.fixture
def dated_book(tmp_path: Path) -> PriceBook:
    path = tmp_path / "prices.json"
    path.write_text(PUBLISHED)
    return PriceBook(DEPLOYMENTS, Catalogue(path), LISTS)


@pytest.mark.parametrize(
    ("name", "at", "amount"),
    [
        ("openai", JANUARY - 1, "2.5"),  # the list
        ("openai", JANUARY, "1"),  # its model, in a file
        ("openai", MARCH - 1, "1"),
        ("openai", MARCH, "3"),  # itself, in a file
        ("openai", MAY, "3"),  # and what is said of its model later changes nothing
        ("own", JANUARY, "0.2"),  # its own, before what files say of its model
        ("own", MAY, "4"),
        ("mini", MAY, "0.15"),
        ("new", JANUARY - 1, "unknown"),
        ("new", JANUARY, "9"),
        ("home", JANUARY, "0.048"),  # assumed
        ("home", MARCH, "0.336"),
        ("stranger", MAY, "unknown"),
        ("loopback", MAY, "unknown"),  # it has no known owner, so no model's price is its own
    ],
)
def test_what_is_in_force_when_an_attempt_begins_is_its_price(
    dated_book: PriceBook, name: str, at: float, amount: str
) -> None:
    cost = dated_book.cost(name, Usage(1_000_000, 0), Decimal(3600), at=at)
    assert ("unknown" if cost is None else dollars(cost)) == amount


def test_where_a_price_has_changed_and_nobody_says_when_the_cost_is_unknown(dated_book: PriceBook) -> None:
    assert dated_book.cost("openai", Usage(1, 0), None) is None
    assert dated_book.cost("mini", Usage(1_000_000, 0), None) == Decimal("0.15")


def test_the_most_is_that_of_the_dearest_price_unless_a_time_is_given(dated_book: PriceBook) -> None:
    assert dated_book.most("openai", 1_000_000, 0, 1.0) == 3
    assert dated_book.most("openai", 1_000_000, 0, 1.0, at=JANUARY) == 1
    assert dated_book.most("new", 1, 0, 1.0, at=JANUARY - 1) is None


def test_every_version_says_where_it_is_from(dated_book: PriceBook) -> None:
    assert [(version.source, version.named) for version in dated_book.versions("openai")] == [
        ("list", "gpt-4o"),
        ("file", "january.yaml"),
        ("file", "march.yaml"),
    ]
    assert [version.source for version in dated_book.versions("own")] == ["configuration", "file"]
    assert [version.source for version in dated_book.versions("home")] == ["assumed", "file"]
    now = dated_book.version("openai", MARCH)
    assert now is not None
    assert now.named == "march.yaml"
    assert dated_book.version("new", JANUARY - 1) is None


def test_what_costs_by_the_time_is_known_by_its_last_rate(dated_book: PriceBook) -> None:
    assert dated_book.by_time["home"] == MachineRate.of(MACHINE)
    assert "rack" in dated_book.by_time
    assert "openai" not in dated_book.by_time


def test_what_is_measured_counts_only_where_that_was_asked_for() -> None:
    stated = MachinePrice(watts=Decimal(1000), per_kwh=Decimal(1))
    deployments = {
        "measured": deployment("http://127.0.0.1:1/v1", "m", zone="local"),
        "stated": deployment("http://127.0.0.1:1/v1", "m", zone="local"),
    }
    prices = {"measured": replace(stated, measured="/sys/energy_uj"), "stated": stated}
    book = PriceBook(
        {name: replace(item, price=Price(machine=prices[name])) for name, item in deployments.items()}, None
    )
    joules = Decimal(1_800_000)  # half a kilowatt hour
    assert book.cost("measured", Usage(1, 1), Decimal(3600), joules=joules) == Decimal("0.5")
    assert book.cost("stated", Usage(1, 1), Decimal(3600), joules=joules) == 1


FULL: Final = TokenPrice(
    input=Decimal(1),
    output=Decimal(2),
    cached_input=Decimal("0.1"),
    cache_write=Decimal("1.25"),
    cache_write_hour=Decimal("1.5"),
    reasoning=Decimal(3),
    audio_input=Decimal(10),
    audio_output=Decimal(20),
    image_input=Decimal(4),
    image_output=Decimal(40),
    per_call=Decimal("0.5"),
    per_search=Decimal("0.25"),
    above={100: TokenRates(input=Decimal(7)), 10: TokenRates(output=Decimal(5))},
    tiers={"flex": TokenRates(input=Decimal("0.5"))},
)


@pytest.mark.parametrize(
    ("usage", "amount"),
    [
        (Usage(10, 10), 10 * 1 + 10 * 2),
        (
            Usage(10, 10, cached_tokens=1, written_tokens=3, written_hour_tokens=1, audio_prompt_tokens=2),
            Decimal("0.1") + 2 * Decimal("1.25") + Decimal("1.5") + 2 * 10 + 4 * 1 + 10 * 2,
        ),
        (
            Usage(10, 10, image_prompt_tokens=2, reasoning_tokens=3, audio_completion_tokens=1),
            2 * 4 + 8 * 1 + 3 * 3 + 20 + 6 * 2,
        ),
        (Usage(10, 10, image_completion_tokens=2), 10 + 2 * 40 + 8 * 2),
        (Usage(11, 10), 11 * 1 + 10 * 5),
        (Usage(101, 10), 101 * 7 + 10 * 2),  # each as the usual, but for what it names
        (Usage(10, 10, tier="flex"), 5 + 20),
        (Usage(11, 10, tier="flex"), None),
    ],
)
def test_a_price_of_ones_own_can_say_all_that_a_provider_bills(usage: Usage, amount: Decimal | int | None) -> None:
    own = replace(DEPLOYMENTS["own"], price=Price(tokens=FULL))
    cost = PriceBook({"own": own}, None).cost("own", usage, None)
    assert cost == (None if amount is None else Decimal("0.5") + Decimal(amount) / 1_000_000)


def test_a_search_has_its_fee() -> None:
    own = replace(DEPLOYMENTS["own"], price=Price(tokens=FULL))
    assert PriceBook({"own": own}, None).cost("own", Usage(1, 0, searches=2), None) == Decimal("1.000001")
