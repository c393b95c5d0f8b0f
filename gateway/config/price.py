"""Settings of what a deployment costs: by the token, or by the time that a machine is busy. Money is Decimal."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from gateway.config.kinds import Within
from gateway.config.strict import Strict

Dollars = Annotated[Decimal, Within(ge=0, le=1_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRates(Strict):
    """Rates in dollars per one million tokens that hold in place of the usual ones. What is left out is as usual."""

    input: Dollars | None = None
    """Prompt tokens."""
    output: Dollars | None = None
    """Tokens of the answer."""
    cached_input: Dollars | None = None
    """Prompt tokens read from the provider's cache."""
    cache_write: Dollars | None = None
    """Prompt tokens written to the provider's cache."""
    cache_write_hour: Dollars | None = None
    """Of these, those to be kept for an hour."""
    reasoning: Dollars | None = None
    """Tokens of the answer that are thought and not shown."""
    audio_input: Dollars | None = None
    """Prompt tokens of sound."""
    audio_output: Dollars | None = None
    """Tokens of the answer that are sound."""
    image_input: Dollars | None = None
    """Prompt tokens of images."""
    image_output: Dollars | None = None
    """Tokens of the answer that are images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrice(Strict):
    """A price in dollars per one million tokens, and fees."""

    input: Dollars
    """Prompt tokens."""
    output: Dollars
    """Tokens of the answer, reasoning included."""
    cached_input: Dollars | None = None
    """Prompt tokens read from the provider's cache; left out: as `input`."""
    cache_write: Dollars | None = None
    """Prompt tokens written to the provider's cache; left out: as `input`."""
    cache_write_hour: Dollars | None = None
    """Of these, those to be kept for an hour; left out: as `input`, but unknown where `cache_write` is given."""
    reasoning: Dollars | None = None
    """Tokens of the answer that are thought and not shown; left out: as `output`."""
    audio_input: Dollars | None = None
    """Prompt tokens of sound; left out: unknown, and so is what a call with sound costs."""
    audio_output: Dollars | None = None
    """Tokens of the answer that are sound; left out: unknown."""
    image_input: Dollars | None = None
    """Prompt tokens of images; left out: as `input`."""
    image_output: Dollars | None = None
    """Tokens of the answer that are images; left out: unknown."""
    per_call: Dollars = Decimal(0)
    """Dollars for each call, whatever its tokens."""
    per_search: Dollars | None = None
    """Dollars for each search that the provider made for an answer; left out: unknown."""
    above: dict[int, TokenRates] = field(default_factory=dict)
    """By a number of prompt tokens: what holds for the whole call where its prompt is longer."""
    tiers: dict[str, TokenRates] = field(default_factory=dict)
    """By service tier, in the provider's word (`flex`, `priority`): what holds in it. A tier that an answer names and
    that is not here has an unknown cost; `default`, `standard` and `on_demand` are the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachinePrice(Strict):
    """What a machine at home costs while it is busy: electricity, and the hardware written off by the hour."""

    watts: Dollars = Decimal(0)
    """What the machine draws while it answers; with `measured`: the most that it can draw."""
    per_kwh: Dollars = Decimal(0)
    """The price of electricity, in dollars per kilowatt hour."""
    per_hour: Dollars = Decimal(0)
    """The hardware written off (or its rent), in dollars per hour."""
    measured: str | None = None
    """A file in which Linux tells what is drawn: `…/energy_uj` (RAPL) or `…/power1_input` (hwmon). While it cannot be
    read, `watts` holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price(Strict):
    """Exactly one of: `tokens`, `machine`. Left out entirely: the price map, by model name; not in there: unknown."""

    tokens: TokenPrice | None = None
    """By the token."""
    machine: MachinePrice | None = None
    """By the time that the machine is busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList(Strict):
    """A price file: what deployments and models cost from a time on."""

    since: str
    """A date, from midnight UTC, or an ISO time with its offset."""
    deployments: dict[str, Price] = field(default_factory=dict)
    """By the name of the deployment."""
    models: dict[str, TokenPrice] = field(default_factory=dict)
    """By provider and model, such as `openai/gpt-4o`: for all deployments of it that have no price of their own."""


@dataclass(frozen=True, slots=True)
class DatedPrices:
    """A price file that has been read. `since` is in seconds since the epoch; `file` is its name, for people."""

    since: float
    file: str
    deployments: dict[str, Price]
    models: dict[str, TokenPrice]
