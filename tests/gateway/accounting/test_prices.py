"""Golden costs, worked by hand; and what has no price must not look free."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.accounting.catalogue import Catalogue, Window
from gateway.accounting.prices import ASSUMED_MACHINE, PriceBook, dollars
from gateway.accounting.usage import Usage, usage_of
from gateway.config.settings import Deployment, MachinePrice, Price, TokenPrice
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
        price=Price(machine=MachinePrice(watts=Decimal(450), per_kwh=Decimal("0.28"), per_hour=Decimal("0.21"))),
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
