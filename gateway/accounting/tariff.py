"""Tariff: what a model's tokens cost, by kind, with the higher rates of long prompts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from gateway.accounting.money import EXACT, exact
from gateway.accounting.usage import Usage

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


@dataclass(frozen=True, slots=True)
class Tariff:
    """`tiers` are (tokens, rates), fewest tokens first: the rates of the whole call when its prompt is longer."""

    base: Rates
    tiers: tuple[tuple[int, Rates], ...] = ()

    def cost(self, usage: Usage) -> Decimal | None:
        """Dollars, or None when tokens of a kind were used that nobody gave a rate for.

        Where no rate is given, cached and written tokens cost what prompt tokens cost, and reasoning what completion
        tokens cost. Audio has no such neighbour: its tokens cost many times what text does.
        """
        rates = self.base
        for above, dearer in self.tiers:
            if usage.prompt_tokens > above:
                rates = dearer
        prompt, completion = usage.prompt_tokens, usage.completion_tokens
        amount = _NOTHING
        if usage.cached_tokens or usage.written_tokens or usage.reasoning_tokens or usage.has_audio:
            prompt -= usage.cached_tokens + usage.written_tokens + usage.audio_prompt_tokens
            completion -= usage.reasoning_tokens + usage.audio_completion_tokens
            kinds = (
                (usage.cached_tokens, rates.cached, rates.prompt),
                (usage.written_tokens, rates.written, rates.prompt),
                (usage.audio_prompt_tokens, rates.audio_prompt, None),
                (usage.reasoning_tokens, rates.reasoning, rates.completion),
                (usage.audio_completion_tokens, rates.audio_completion, None),
            )
            for tokens, own, otherwise in kinds:
                if tokens:
                    rate = otherwise if own is None else own
                    if rate is None:
                        return None
                    amount = EXACT.fma(tokens, rate, amount)
        if prompt:
            amount = EXACT.fma(prompt, rates.prompt, amount)
        if completion:
            if rates.completion is None:
                return None
            amount = EXACT.fma(completion, rates.completion, amount)
        return exact(amount)

    def most(self, prompt_tokens: int, completion_tokens: int, *, audio: bool = False) -> Decimal | None:
        """Dollars that no call of at most so many tokens costs more than; None where nobody can say.

        Whatever kind the tokens turn out to be of, sound only with `audio`: each is counted at the dearest rate that
        `cost` could bill it at. A shorter prompt may be at other rates, so all that it can reach are looked at.
        """
        amounts = []
        for rates in self._within_reach(prompt_tokens):
            prompt = _dearest(rates.prompt, rates.cached, rates.written)
            completion = _dearest(rates.completion or _NOTHING, rates.reasoning)
            if audio:
                if rates.audio_prompt is None:
                    return None
                prompt = max(prompt, rates.audio_prompt)
                completion = _dearest(completion, rates.audio_completion)  # none: a model that hears and writes
            if completion_tokens and rates.completion is None:
                return None
            amounts.append(EXACT.fma(prompt_tokens, prompt, EXACT.multiply(completion_tokens, completion)))
        return exact(max(amounts))

    def _within_reach(self, prompt_tokens: int) -> Iterator[Rates]:
        yield self.base
        for above, dearer in self.tiers:
            if prompt_tokens > above:
                yield dearer


def _dearest(rate: Decimal, *others: Decimal | None) -> Decimal:
    return max([rate, *(other for other in others if other is not None)])
