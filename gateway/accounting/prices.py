"""Prices: what an attempt costs at each deployment. An unknown price is None, never 0.

In this order: what a price file says of the deployment from a date on; its own `price`; what a price file says of its
model; at home, `ASSUMED_MACHINE`; for a provider that its address gives away, the catalogue. Anything else is unknown:
a server of unknown ownership is not given the price of somebody else's model.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from gateway.accounting.catalogue import Catalogue, Wanted
from gateway.accounting.entry import Window
from gateway.accounting.machine import MachineRate
from gateway.accounting.money import EXACT, dollars
from gateway.accounting.providers import model_names, wanted_of
from gateway.accounting.tariff import Fees, Rates, Tariff
from gateway.accounting.usage import Usage
from gateway.config.price import DatedPrices, MachinePrice, Price, TokenPrice, TokenRates
from gateway.config.settings import Deployment

__all__ = ["ASSUMED_MACHINE", "Catalogue", "PriceBook", "Version", "dollars"]

ASSUMED_MACHINE: Final = MachinePrice(watts=Decimal(60), per_kwh=Decimal("0.30"), per_hour=Decimal("0.03"))
"""A machine at home that was given no price: 60 W while busy, 0.30 $/kWh, and 1,000 $ of hardware written off over
four years of use around the clock (35,064 hours: 0.03 $ an hour). An assumption, and reported as one."""

ALWAYS: Final = -math.inf

Source = Literal["configuration", "file", "assumed", "list"]

_MILLION: Final = Decimal(1_000_000)
_UNKNOWN_WINDOW: Final = Window()


class Version(NamedTuple):
    """A price and since when it holds, in seconds since the epoch. `named`: the price file, or the name in the list."""

    since: float
    rate: Tariff | MachineRate
    source: Source
    named: str = ""


class PriceBook:
    """The prices of all configured deployments. `assumed` and `unpriced` name those that were given none."""

    def __init__(
        self, deployments: Mapping[str, Deployment], catalogue: Catalogue | None, lists: Sequence[DatedPrices] = ()
    ) -> None:
        """`lists` in the order of their dates. The catalogue is read only where a deployment needs it."""
        self._versions: dict[str, tuple[Version, ...]] = {}
        self._windows: dict[str, Window] = {}
        wanted: dict[str, Wanted] = {}
        for name, deployment in deployments.items():
            want = wanted_of(deployment) if deployment.price is None and deployment.zone != "local" else None
            if want is not None:
                wanted[name] = want
            self._versions[name] = _configured(name, deployment, want, lists)
        if catalogue and wanted:
            for name, listed in catalogue.find(wanted).items():
                self._windows[name] = listed.window
                self._versions[name] = (Version(ALWAYS, listed.tariff, "list", listed.name), *self._versions[name])
        self._only = {
            name: versions[0].rate
            for name, versions in self._versions.items()
            if len(versions) == 1 and versions[0].since == ALWAYS
        }
        self.assumed = frozenset(name for name, all_ in self._versions.items() if "assumed" in {v.source for v in all_})
        self.unpriced = frozenset(name for name, versions in self._versions.items() if not versions)

    def cost(
        self,
        deployment: str,
        usage: Usage,
        busy_seconds: Decimal | None,
        *,
        at: float | None = None,
        joules: Decimal | None = None,
    ) -> Decimal | None:
        """Dollars for one attempt, exact to 1e-12; None if unknown.

        `busy_seconds`: how long the machine was at it, and `joules` what it drew for it, where that is measured; None
        where nobody can tell. `at`: when the attempt began, in seconds since the epoch; None is unknown too, and so is
        the cost of a deployment whose price has changed.
        """
        rate = self._rate(deployment, at)
        if rate is None:
            return None
        if isinstance(rate, Tariff):
            return rate.cost(usage, at)
        return None if busy_seconds is None else rate.cost(busy_seconds, joules if rate.measured else None)

    def most(
        self,
        deployment: str,
        prompt_tokens: int,
        completion_tokens: int,
        seconds: float,
        *,
        audio: bool = False,
        tier: str | None = None,
        searches: int = 0,
        at: float | None = None,
    ) -> Decimal | None:
        """Dollars that no attempt of at most so many tokens, searches and seconds costs more than; None where nobody
        can say.

        `audio`: whether sound can be among what is sent or answered. `tier`: the service tier asked for, empty for the
        usual one; None: whatever the account stands at. `at`: when it begins; None: at any time.
        """
        amounts: list[Decimal] = []
        for rate in self._rates(deployment, at):
            if isinstance(rate, MachineRate):
                amounts.append(rate.cost(Decimal(str(seconds))))
                continue
            amount = rate.most(prompt_tokens, completion_tokens, audio=audio, tier=tier, searches=searches)
            if amount is None:
                return None
            amounts.append(amount)
        return max(amounts) if amounts else None

    def window(self, deployment: str) -> Window:
        """How much its model can read and write, where the price map that it has its price from says so."""
        return self._windows.get(deployment, _UNKNOWN_WINDOW)

    def unknown_price(self, deployment: str) -> bool:
        """Whether nothing that this deployment does can be priced."""
        return not self._versions.get(deployment)

    def versions(self, deployment: str) -> tuple[Version, ...]:
        """All its prices, by the time from which they hold."""
        return self._versions.get(deployment, ())

    def version(self, deployment: str, at: float) -> Version | None:
        """The price in force at that time."""
        versions = self.versions(deployment)
        place = bisect_right(versions, at, key=lambda version: version.since)
        return versions[place - 1] if place else None

    @property
    def by_time(self) -> Mapping[str, MachineRate]:
        """Those that cost by the time that a machine is busy, now or from a date on, as the last of it says."""
        return {
            name: version.rate
            for name, versions in self._versions.items()
            for version in versions
            if isinstance(version.rate, MachineRate)
        }

    def _rate(self, deployment: str, at: float | None) -> Tariff | MachineRate | None:
        rate = self._only.get(deployment)
        if rate is not None or at is None:
            return rate
        version = self.version(deployment, at)
        return None if version is None else version.rate

    def _rates(self, deployment: str, at: float | None) -> Collection[Tariff | MachineRate]:
        if at is None:
            return [version.rate for version in self.versions(deployment)]
        rate = self._rate(deployment, at)
        return () if rate is None else (rate,)


def _configured(
    name: str, deployment: Deployment, want: Wanted | None, lists: Sequence[DatedPrices]
) -> tuple[Version, ...]:
    """All but what the catalogue has."""
    own = tuple(
        Version(dated.since, _rate_of(dated.deployments[name]), "file", dated.file)
        for dated in lists
        if name in dated.deployments
    )
    until = own[0].since if own else math.inf
    if deployment.price is not None:
        return (Version(ALWAYS, _rate_of(deployment.price), "configuration"), *own)
    if deployment.zone == "local":
        return (Version(ALWAYS, MachineRate.of(ASSUMED_MACHINE), "assumed"), *own)
    names = model_names(want) if want else ()
    listed = (
        Version(dated.since, _tariff(dated.models[model]), "file", dated.file)
        for dated in lists
        if dated.since < until and (model := next((model for model in names if model in dated.models), None))
    )
    return (*listed, *own)


def _rate_of(price: Price) -> Tariff | MachineRate:
    if price.machine is not None:
        return MachineRate.of(price.machine)
    if price.tokens is None:
        raise AssertionError("a price is by the token or by the time")
    return _tariff(price.tokens)


def _tariff(price: TokenPrice) -> Tariff:
    base = Rates(
        prompt=_per_token(price.input),
        completion=_per_token(price.output),
        cached=_or_none(price.cached_input),
        written=_or_none(price.cache_write),
        reasoning=_or_none(price.reasoning),
        audio_prompt=_or_none(price.audio_input),
        audio_completion=_or_none(price.audio_output),
        written_hour=_or_none(price.cache_write_hour),
        image_prompt=_or_none(price.image_input),
        image_completion=_or_none(price.image_output),
    )
    fees = Fees(price.per_call, price.per_search)
    tiers = tuple((above, _in_place(base, rates)) for above, rates in sorted(price.above.items()))
    # How a tier's rates rise with the prompt is not among what it can say.
    unknown = tuple((above, None) for above, _ in tiers)
    services = {tier: Tariff(_in_place(base, rates), unknown, fees) for tier, rates in price.tiers.items()}
    return Tariff(base, tiers, fees, services)


def _in_place(base: Rates, rates: TokenRates) -> Rates:
    """The usual rates, but for those that are given."""
    return Rates(
        prompt=base.prompt if rates.input is None else _per_token(rates.input),
        completion=_else(rates.output, base.completion),
        cached=_else(rates.cached_input, base.cached),
        written=_else(rates.cache_write, base.written),
        reasoning=_else(rates.reasoning, base.reasoning),
        audio_prompt=_else(rates.audio_input, base.audio_prompt),
        audio_completion=_else(rates.audio_output, base.audio_completion),
        written_hour=_else(rates.cache_write_hour, base.written_hour),
        image_prompt=_else(rates.image_input, base.image_prompt),
        image_completion=_else(rates.image_output, base.image_completion),
    )


def _else(own: Decimal | None, usual: Decimal | None) -> Decimal | None:
    return usual if own is None else _per_token(own)


def _or_none(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else _per_token(amount)


def _per_token(amount: Decimal) -> Decimal:
    return EXACT.divide(amount, _MILLION)
