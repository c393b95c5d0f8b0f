"""Asked: the requests of a route as the ledger has them, as far as they tell what another decision would have cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gateway.accounting.against import Reference, would_have_cost
from gateway.accounting.history import Past, history
from gateway.accounting.money import EXACT
from gateway.accounting.period import Period
from router.difficulty.evaluation import Interval, interval

# The difficulty alone had the say: both classes were open, and no rule, label or finding decided.
_LARGE_BY_DIFFICULTY: Final = frozenset({"hard", "unsure"})
_SMALL_BY_DIFFICULTY: Final = frozenset({"easy", "dial-spent"})

LEAST_PAIRS: Final = 30  # answers of both classes to the same question, to say how many tokens one has for another's
LEAST_ANSWERS: Final = 20  # of a machine, to say what a token costs there

_NOTHING: Final = Decimal(0)


class Asked(NamedTuple):
    """A request. `answer` None: it got none. `besides`: dollars of all other attempts for it; None: unknown."""

    answer: Past | None
    besides: Decimal | None
    steered: bool  # its difficulty alone decided
    large: bool  # the large class was asked, or would have been

    @property
    def is_hit(self) -> bool:
        return self.answer is not None and self.answer.outcome == "hit"

    @property
    def cost(self) -> Decimal | None:
        """Dollars, of everything."""
        if self.answer is None:
            return self.besides
        return None if self.besides is None or self.answer.cost is None else EXACT.add(self.besides, self.answer.cost)

    def reference(self, against: Reference) -> Decimal | None:
        """What the answer would have cost there."""
        return _NOTHING if self.answer is None else would_have_cost(self.answer, against)


@dataclass(frozen=True, slots=True)
class Traffic:
    """`longer`: how many tokens the large model writes for one of the small model's; None: too few were asked both.
    `per_token`: dollars for a token of an answer, of deployments that have given enough of them.
    """

    requests: tuple[Asked, ...]  # in the order in which they were settled
    longer: Interval | None
    pairs: int
    per_token: Mapping[str, Decimal]


def traffic_of(
    connection: Connection, period: Period, route: str, small: Collection[str], large: Collection[str]
) -> Traffic:
    """What was asked of `route`; `small` and `large` are its deployments. Holds all of it in memory."""
    requests: list[tuple[float, Asked]] = []
    pairs: list[tuple[int, int]] = []
    for attempts in history(connection, period):
        own = [past for past in attempts if past.route == route]
        if own:
            requests.append((own[-1].settled_at, _asked(own, large)))
            pairs += _pairs(own, small, large)
    requests.sort(key=lambda each: each[0])
    found = tuple(asked for _, asked in requests)
    return Traffic(found, _longer(pairs), len(pairs), _per_token(found))


def _asked(attempts: Sequence[Past], large: Collection[str]) -> Asked:
    answer = next((past for past in reversed(attempts) if past.gave_an_answer), None)
    besides: Decimal | None = _NOTHING
    for past in attempts:
        if past is not answer and besides is not None:
            besides = None if past.cost is None else EXACT.add(besides, past.cost)
    if answer is None:
        return Asked(None, besides, steered=False, large=False)
    # An answer that was looked at and set aside stands before it, with the decision's own reason.
    reason = next((past.reason for past in attempts if past.role in ("answer", "cascade")), None)
    if reason in _LARGE_BY_DIFFICULTY or reason in _SMALL_BY_DIFFICULTY:
        return Asked(answer, besides, steered=True, large=reason in _LARGE_BY_DIFFICULTY)
    return Asked(answer, besides, steered=False, large=answer.deployment in large)


def _pairs(attempts: Sequence[Past], small: Collection[str], large: Collection[str]) -> list[tuple[int, int]]:
    """Completion tokens of both classes to one question, the small one's first, where a shadow asked the other."""
    counted = [past for past in attempts if past.outcome == "ok" and past.usage and not past.usage.estimated]
    at_home = _tokens(counted, small)
    outside = _tokens(counted, large)
    if at_home and outside and any(past.role == "shadow" for past in counted):
        return [(at_home, outside)]
    return []


def _tokens(attempts: Iterable[Past], deployments: Collection[str]) -> int:
    for past in attempts:
        if past.role in ("answer", "shadow") and past.deployment in deployments and past.usage:
            return past.usage.completion_tokens
    return 0


def _longer(pairs: Sequence[tuple[int, int]]) -> Interval | None:
    if len(pairs) < LEAST_PAIRS:
        return None
    tokens = np.array(pairs, dtype=np.float64)

    def ratio(which: NDArray[np.intp]) -> float | None:
        return float(tokens[which, 1].sum() / tokens[which, 0].sum())

    return interval(ratio, len(pairs))


def _per_token(requests: Iterable[Asked]) -> dict[str, Decimal]:
    cost: dict[str, Decimal] = {}
    tokens: dict[str, int] = {}
    answers: dict[str, int] = {}
    for asked in requests:
        past = asked.answer
        if past and past.deployment and past.cost is not None and past.usage and past.usage.completion_tokens:
            name = past.deployment
            cost[name] = EXACT.add(cost.get(name, _NOTHING), past.cost)
            tokens[name] = tokens.get(name, 0) + past.usage.completion_tokens
            answers[name] = answers.get(name, 0) + 1
    return {name: EXACT.divide(cost[name], tokens[name]) for name in cost if answers[name] >= LEAST_ANSWERS}
