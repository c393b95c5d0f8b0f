"""Tariff: what a model's tokens cost, by kind, and what long prompts, service tiers, hours and fees change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from gateway.accounting.money import EXACT, exact
from gateway.accounting.usage import Usage
from router.hours import Hours

_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rates:
    """Dollars per token. A rate that is not given: see `Tariff.cost`."""

    prompt: Decimal
    completion: Decimal | None = None
    cached: Decimal | None = None
    written: Decimal | None = None
    reasoning: Decimal | None = None
    audio_prompt: Decimal | None = None
    audio_completion: Decimal | None = None
    written_hour: Decimal | None = None
    image_prompt: Decimal | None = None
    image_completion: Decimal | None = None

    @property
    def for_an_hour(self) -> Decimal | None:
        """Keeping something for an hour costs more than keeping it for minutes, where that costs anything at all."""
        return self.prompt if self.written_hour is None and self.written is None else self.written_hour


@dataclass(frozen=True, slots=True)
class Fees:
    """Dollars besides the tokens: for every call, and for every search. None: nobody knows."""

    call: Decimal = _NOTHING
    search: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """`tiers` are (tokens, rates), fewest tokens first: the rates of the whole call when its prompt is longer. None:
    other ones, that nobody knows.

    `services` are the tariffs of service tiers, by the provider's word. `off_peak` holds at its hours in place of this
    one, whatever the tier.
    """

    base: Rates
    tiers: tuple[tuple[int, Rates | None], ...] = ()
    fees: Fees = Fees()
    services: Mapping[str, Tariff] = field(default_factory=dict)
    off_peak: OffPeak | None = None

    def cost(self, usage: Usage, at: float | None = None) -> Decimal | None:
        """Dollars, or None when something was used that nobody gave a rate for.

        `at`: when the attempt began, in seconds since the epoch; None: unknown, and so is the cost where hours matter.

        Where no rate is given, cached and written tokens and images that were sent cost what prompt tokens cost, and
        reasoning what completion tokens cost. Sound and images that were made have no such neighbour: their tokens cost
        many times what text does.
        """
        if self.off_peak is not None:
            if at is None:
                return None
            if self.off_peak.holds(at):
                return self.off_peak.tariff.cost(usage)
        if usage.tier:
            service = self.services.get(usage.tier)
            return None if service is None else service._cost(usage)
        return self._cost(usage)

    def _cost(self, usage: Usage) -> Decimal | None:
        rates: Rates | None = self.base
        for above, dearer in self.tiers:
            if usage.prompt_tokens > above:
                rates = dearer
        if rates is None:
            return None
        prompt, completion = usage.prompt_tokens, usage.completion_tokens
        amount = self.fees.call
        if usage.searches:
            if self.fees.search is None:
                return None
            amount = EXACT.fma(usage.searches, self.fees.search, amount)
        if usage.is_mixed:
            for tokens, rate in _sent(usage, rates):
                if tokens:
                    if rate is None:
                        return None
                    prompt -= tokens
                    amount = EXACT.fma(tokens, rate, amount)
            for tokens, rate in _made(usage, rates):
                if tokens:
                    if rate is None:
                        return None
                    completion -= tokens
                    amount = EXACT.fma(tokens, rate, amount)
        if prompt:
            amount = EXACT.fma(prompt, rates.prompt, amount)
        if completion:
            if rates.completion is None:
                return None
            amount = EXACT.fma(completion, rates.completion, amount)
        return exact(amount)

    def most(
        self,
        prompt_tokens: int,
        completion_tokens: int,
        *,
        audio: bool = False,
        tier: str | None = None,
        searches: int = 0,
    ) -> Decimal | None:
        """Dollars that no call of at most so many tokens and searches costs more than; None where nobody can say.

        Whatever kind the tokens turn out to be of, sound only with `audio`: each is counted at the dearest rate that
        `cost` could bill it at. A shorter prompt may be at other rates, so all that it can reach are looked at. `tier`:
        the service tier that was asked for, empty for the usual one; it may be given that one all the same. None:
        whatever the account stands at, so all of them that are known. Where a tier that is asked for by name has other
        rates for such a prompt that nobody knows, nobody can say.
        """
        asked = self.services.get(tier) if tier else None
        if asked is not None and any(prompt_tokens > above and dearer is None for above, dearer in asked.tiers):
            return None
        amounts: list[Decimal] = []
        for tariff in self._in_question(tier):
            for rates in tariff._within_reach(prompt_tokens):
                amount = _most(rates, prompt_tokens, completion_tokens, audio=audio)
                if amount is None or (searches and tariff.fees.search is None):
                    return None
                amount = EXACT.fma(searches, tariff.fees.search or _NOTHING, amount)
                amounts.append(EXACT.add(amount, tariff.fees.call))
        return exact(max(amounts)) if amounts else None

    def _in_question(self, tier: str | None) -> Iterator[Tariff]:
        """Nothing where the tier that is asked for has no tariff."""
        if self.off_peak is not None:
            yield from self.off_peak.tariff._in_question(tier)
        if tier is None:
            yield self
            yield from self.services.values()
        elif not tier:
            yield self
        elif service := self.services.get(tier):
            yield self
            yield service

    def _within_reach(self, prompt_tokens: int) -> Iterator[Rates]:
        yield self.base
        for above, dearer in self.tiers:
            if prompt_tokens > above and dearer is not None:
                yield dearer


@dataclass(frozen=True, slots=True)
class OffPeak:
    """What holds at some hours, in place of the tariff that it stands in."""

    hours: tuple[Hours, ...]
    tariff: Tariff

    def holds(self, at: float) -> bool:
        """`at` is seconds since the epoch."""
        return any(hours.hold(at) for hours in self.hours)


def _sent(usage: Usage, rates: Rates) -> tuple[tuple[int, Decimal | None], ...]:
    """The kinds of tokens of the prompt that have a rate of their own, and it."""
    return (
        (usage.cached_tokens, _or(rates.cached, rates.prompt)),
        (usage.written_tokens - usage.written_hour_tokens, _or(rates.written, rates.prompt)),
        (usage.written_hour_tokens, rates.for_an_hour),
        (usage.audio_prompt_tokens, rates.audio_prompt),
        (usage.image_prompt_tokens, _or(rates.image_prompt, rates.prompt)),
    )


def _made(usage: Usage, rates: Rates) -> tuple[tuple[int, Decimal | None], ...]:
    """The same of the completion."""
    return (
        (usage.reasoning_tokens, _or(rates.reasoning, rates.completion)),
        (usage.audio_completion_tokens, rates.audio_completion),
        (usage.image_completion_tokens, rates.image_completion),
    )


def _most(rates: Rates, prompt_tokens: int, completion_tokens: int, *, audio: bool) -> Decimal | None:
    prompt = _dearest(rates.prompt, rates.cached, rates.written, rates.written_hour, rates.image_prompt)
    completion = _dearest(rates.completion or _NOTHING, rates.reasoning, rates.image_completion)
    if audio:
        if rates.audio_prompt is None:
            return None
        prompt = max(prompt, rates.audio_prompt)
        completion = _dearest(completion, rates.audio_completion)  # none: a model that hears and writes
    if completion_tokens and rates.completion is None:
        return None
    return EXACT.fma(prompt_tokens, prompt, EXACT.multiply(completion_tokens, completion))


def _dearest(rate: Decimal, *others: Decimal | None) -> Decimal:
    return max([rate, *(other for other in others if other is not None)])


def _or(rate: Decimal | None, neighbour: Decimal | None) -> Decimal | None:
    return neighbour if rate is None else rate
