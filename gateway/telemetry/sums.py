"""Sums: what many events come to, before the library for metrics hears of it. To tell it costs more than to add up."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from prometheus_client import Counter

from gateway.telemetry.children import Children, Distribution


class Tally:
    """A counter whose additions are summed in a dictionary until `flush`: one lock or shared file a label set."""

    __slots__ = ("_children", "_waiting")

    def __init__(self, children: Children[Counter]) -> None:
        self._children = children
        self._waiting: dict[tuple[str, ...], float] = {}

    def add(self, labels: tuple[str, ...], amount: float = 1.0) -> None:
        waiting = self._waiting
        waiting[labels] = waiting.get(labels, 0.0) + amount

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for labels, amount in waiting.items():
            self._children[labels].inc(amount)


class Spread:
    """A distribution whose amounts are gathered until `flush`."""

    __slots__ = ("_children", "_waiting")

    def __init__(self, children: Children[Distribution]) -> None:
        self._children = children
        self._waiting: dict[tuple[str, ...], list[float]] = {}

    def add(self, labels: tuple[str, ...], amount: float) -> None:
        waiting = self._waiting.get(labels)
        if waiting is None:
            self._waiting[labels] = [amount]
        else:
            waiting.append(amount)

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for labels, amounts in waiting.items():
            self._children[labels].observe_all(amounts)


class Tokens(Protocol):
    """`cached_tokens` are contained in `prompt_tokens`, `reasoning_tokens` in `completion_tokens`."""

    @property
    def prompt_tokens(self) -> int: ...

    @property
    def completion_tokens(self) -> int: ...

    @property
    def cached_tokens(self) -> int: ...

    @property
    def reasoning_tokens(self) -> int: ...


class Bill:
    """What attempts that are alike in all labels come to. Dollars: `saved` and `lost` against the reference."""

    __slots__ = (
        *("attempts", "cached", "completion", "cost", "counterfactual", "has_cost", "has_counterfactual", "has_loss"),
        *("has_saved", "lost", "prompt", "reasoning", "saved", "unknown"),
    )

    def __init__(self) -> None:
        self.attempts = self.unknown = 0
        self.prompt = self.completion = self.cached = self.reasoning = 0
        self.cost = self.counterfactual = self.saved = self.lost = 0.0
        self.has_cost = self.has_counterfactual = self.has_saved = self.has_loss = False

    def add(self, usage: Tokens | None, cost: Decimal | None, counterfactual: Decimal | None) -> None:
        self.attempts += 1
        if usage is not None:
            self.prompt += usage.prompt_tokens
            self.completion += usage.completion_tokens
            self.cached += usage.cached_tokens
            self.reasoning += usage.reasoning_tokens
        self.spend(cost, counterfactual)

    def spend(self, cost: Decimal | None, counterfactual: Decimal | None) -> None:
        if cost is None:
            self.unknown += 1
            return
        self.has_cost = True
        self.cost += float(cost)
        if counterfactual is None:
            return
        self.has_counterfactual = True
        self.counterfactual += float(counterfactual)
        saved = counterfactual - cost
        if saved >= 0:
            self.has_saved = True
            self.saved += float(saved)
        else:  # a counter cannot fall, so losses are a counter of their own
            self.has_loss = True
            self.lost -= float(saved)
