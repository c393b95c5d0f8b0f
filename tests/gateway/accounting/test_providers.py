"""A deployment is given a model's price only where its address says whose it is."""

from __future__ import annotations

import pytest

from gateway.accounting.catalogue import Wanted
from gateway.accounting.providers import model_names, provider_of, wanted_of
from tests.gateway.accounting.test_prices import deployment


@pytest.mark.parametrize(
    ("base_url", "model", "wanted"),
    [
        ("https://api.openai.com/v1", "gpt-4o", Wanted(("openai/gpt-4o", "gpt-4o"), "openai")),
        ("https://eu.api.openai.com/v1", "gpt-4o", Wanted(("openai/gpt-4o", "gpt-4o"), "openai", "eu")),
        ("https://mine.openai.azure.com/v1", "gpt-4o", Wanted(("azure/gpt-4o", "gpt-4o"), "azure")),
        ("https://api.groq.com./openai/v1", "groq/llama", Wanted(("groq/llama", "llama"), "groq")),
        (None, "gpt-4o", Wanted(("gpt-4o",), "openai")),
        ("https://openai.com.example.com/v1", "gpt-4o", None),
        ("http://10.0.0.1/v1", "gpt-4o", None),
    ],
)
def test_an_address_gives_its_owner_away_or_does_not(base_url: str | None, model: str, wanted: Wanted | None) -> None:
    assert wanted_of(deployment(base_url, model)) == wanted


def test_a_name_with_its_provider_is_for_litellm() -> None:
    assert wanted_of(deployment(None, "anthropic/claude", engine="litellm")) == Wanted(
        ("anthropic/claude", "claude"), "anthropic"
    )
    assert wanted_of(deployment(None, "default", engine="embedded", zone="local")) is None


@pytest.mark.parametrize(
    ("want", "names"),
    [
        (Wanted(("gpt-4o",), "openai"), ("openai/gpt-4o", "gpt-4o")),
        (Wanted(("openai/gpt-4o", "gpt-4o"), "openai"), ("openai/gpt-4o", "gpt-4o")),
        (Wanted(("claude",), None), ("claude",)),
    ],
)
def test_a_price_file_may_always_name_the_provider(want: Wanted, names: tuple[str, ...]) -> None:
    assert model_names(want) == names


def test_who_serves_it_is_told_by_its_address_and_else_by_nobody() -> None:
    assert provider_of(deployment("https://api.openai.com/v1", "gpt-4o")) == "openai"
    assert provider_of(deployment(None, "anthropic/claude", engine="litellm")) == "anthropic"
    assert provider_of(deployment("http://10.0.0.1/v1", "gpt-4o")) is None
