"""What if: what the requests in the ledger would have cost with another dial, other models, another cache.

Only decisions are made again that difficulty made: what stayed because it was sensitive stays. A request whose decision
is the same costs what it cost. For the others tokens are those of the answer that was given; what cannot be known is
counted, and in no sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from gateway.accounting.against import Reference
from gateway.accounting.asked import Asked, Traffic
from gateway.accounting.history import Past
from gateway.accounting.money import EXACT, exact
from gateway.accounting.prices import PriceBook
from gateway.accounting.usage import Usage
from router.calibration.crossfit import Rows
from router.calibration.replay import Traffic as Replayed
from router.calibration.replay import went_large
from router.calibration.table import Table
from router.dial import Dial

_NOTHING: Final = Decimal(0)
_ONE: Final = Decimal(1)
_PLACES: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Model:
    """The deployment or model that a class of a scenario asks. `instead`: not the one that was; then all answers of the
    class are priced here.
    """

    name: str
    book: PriceBook
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """`dial` None: decided as it was. `cache`: the share of requests that it answers, 0: none; None: as it was."""

    name: str
    small: Model
    large: Model
    dial: Dial | None = None
    cache: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scenario comes to, in dollars. None: nothing of it is known."""

    name: str
    requests: int
    large: float | None  # of the answers, the share that the large class gives; 0..1
    spent: Decimal | None
    between: tuple[Decimal, Decimal] | None  # 95 %, by how many tokens another model's answer has
    unknown: int  # requests that are not in `spent`
    reference: Decimal | None  # of those whose cost and reference are both known
    saved: Decimal | None
    not_compared: int


def as_it_was(traffic: Traffic, against: Reference) -> Outcome:
    amounts = [(asked.cost,) * 3 for asked in traffic.requests]
    went = [asked.large for asked in traffic.requests if _by_a_model(asked)]
    return _outcome("as it was", traffic, amounts, _share(went), against)


def replayed(traffic: Traffic, scenario: Scenario, table: Table | None, against: Reference) -> Outcome:
    """Raises `CannotReplay` or `ValueError` where the rows do not say enough for the dial."""
    pricing = _Pricing(traffic, scenario)
    large = _decided(traffic.requests, scenario.dial, table, pricing)
    share = _share([went for asked, went in zip(traffic.requests, large, strict=True) if _by_a_model(asked)])
    amounts = [
        tuple(pricing.cost(asked, went, ratio, share) for ratio in pricing.ratios)
        for asked, went in zip(traffic.requests, large, strict=True)
    ]
    return _outcome(scenario.name, traffic, amounts, share, against)


class _Pricing:
    """`ratios`: how many tokens the large model writes for one of the small model's: the value, and its 95 % ends."""

    def __init__(self, traffic: Traffic, scenario: Scenario) -> None:
        self._per_token = traffic.per_token
        self._scenario = scenario
        longer = traffic.longer
        ends = (1.0,) * 3 if longer is None else (longer.value or 1.0, longer.low or 1.0, longer.high or 1.0)
        self.ratios = tuple(Decimal(end).quantize(_PLACES, context=EXACT) for end in ends)

    def cost(self, asked: Asked, large: bool, ratio: Decimal, share: float | None) -> Decimal | None:
        """Dollars of a request; `share`: of how many the large model is asked, for those that nobody decided."""
        cache = self._scenario.cache
        if asked.answer is None:
            amount = asked.besides
        elif asked.is_hit:
            amount = asked.cost if cache is None else self._mixed(asked.answer, share)
        else:
            amount = _added(asked.besides, self._answer(asked, asked.answer, large, ratio))
        if cache is None or amount is None:
            return amount
        return exact(EXACT.multiply(amount, EXACT.subtract(_ONE, cache)))

    def priced(self, past: Past, large: bool, factor: Decimal) -> Decimal | None:
        """What the answer costs in that class, with `factor` times the tokens that it has."""
        model, usage = (self._scenario.large if large else self._scenario.small), past.usage
        if usage is None:
            return None
        written = int(EXACT.multiply(usage.completion_tokens, factor).to_integral_value())
        if model.name in model.book.by_time:
            per_token = self._per_token.get(model.name)
            return None if per_token is None else exact(EXACT.multiply(per_token, written))
        return model.book.cost(model.name, Usage(usage.prompt_tokens, written), None, at=past.at)

    def _answer(self, asked: Asked, answer: Past, large: bool, ratio: Decimal) -> Decimal | None:
        instead = (self._scenario.large if large else self._scenario.small).instead
        if asked.steered and large != asked.large:
            return self.priced(answer, large, ratio if large else EXACT.divide(_ONE, ratio))
        return self._as_it_is(answer, large) if instead else answer.cost

    def _as_it_is(self, answer: Past, large: bool) -> Decimal | None:
        """Another model of the same class: the same tokens, those from the provider's cache too."""
        model = self._scenario.large if large else self._scenario.small
        if answer.usage is None or model.name in model.book.by_time:
            return self.priced(answer, large, _ONE)
        return model.book.cost(model.name, replace(answer.usage, tier=""), None, at=answer.at)

    def _mixed(self, answer: Past, share: float | None) -> Decimal | None:
        """Nobody decided on what came from the cache: it would have gone as often to the large model as the rest."""
        large, small = self.priced(answer, True, _ONE), self.priced(answer, False, _ONE)
        if share is None or large is None or small is None:
            return None
        part = Decimal(share)
        return exact(EXACT.add(EXACT.multiply(part, large), EXACT.multiply(EXACT.subtract(_ONE, part), small)))


def _decided(requests: Sequence[Asked], dial: Dial | None, table: Table | None, pricing: _Pricing) -> Sequence[bool]:
    """For each request, whether the large class is asked."""
    large = [asked.large for asked in requests]
    places = [place for place, asked in enumerate(requests) if asked.steered]
    if dial is None or not places:
        return large
    steered = [requests[place] for place in places]
    rows = Rows(
        np.array([_difficulty(asked) or 0.0 for asked in steered]),
        np.array([_difficulty(asked) is None for asked in steered]),
        None,
        np.arange(len(steered), dtype=np.intp),
    )
    small_cost, large_cost = (_all_known(steered, pricing, side) for side in (False, True))
    went: NDArray[np.bool_] = went_large(Replayed(rows, None, None, small_cost, large_cost), dial, table)
    for place, one in zip(places, went.tolist(), strict=True):
        large[place] = one
    return large


def _difficulty(asked: Asked) -> float | None:
    """None: unlike anything the model was fitted on, which is asked of the large class."""
    answer = asked.answer
    return None if answer is None or answer.reason == "unsure" else answer.difficulty


def _all_known(steered: Sequence[Asked], pricing: _Pricing, large: bool) -> tuple[Decimal, ...] | None:
    costs = [pricing.priced(asked.answer, large, _ONE) for asked in steered if asked.answer]
    known = tuple(cost for cost in costs if cost is not None)
    return known if len(known) == len(costs) else None


def _outcome(
    name: str,
    traffic: Traffic,
    amounts: Sequence[tuple[Decimal | None, ...]],
    share: float | None,
    against: Reference,
) -> Outcome:
    sums, reference, compared = [_NOTHING] * 3, _NOTHING, _NOTHING
    known = both = 0
    for asked, each in zip(traffic.requests, amounts, strict=True):
        cost, elsewhere = each[0], asked.reference(against)
        if cost is None:
            continue
        known += 1
        sums = [EXACT.add(total, amount or _NOTHING) for total, amount in zip(sums, each, strict=True)]
        if elsewhere is not None:
            both += 1
            reference, compared = EXACT.add(reference, elsewhere), EXACT.add(compared, cost)
    count = len(traffic.requests)
    return Outcome(
        name=name,
        requests=count,
        large=share,
        spent=sums[0] if known else None,
        between=(min(sums), max(sums)) if known else None,
        unknown=count - known,
        reference=reference if both else None,
        saved=EXACT.subtract(reference, compared) if both else None,
        not_compared=count - both,
    )


def _by_a_model(asked: Asked) -> bool:
    return asked.answer is not None and not asked.is_hit


def _share(went: Sequence[bool]) -> float | None:
    return sum(went) / len(went) if went else None


def _added(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else EXACT.add(one, other)
