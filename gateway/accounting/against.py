"""Against: savings counted against a model that is named afterwards, whatever the reference was at the time.

The tokens of each answer are priced anew, attempt by attempt: rates differ by kind and by the length of the prompt.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Final, Protocol

from gateway.accounting.catalogue import Catalogue
from gateway.accounting.history import Past, history
from gateway.accounting.ledger import Ledger
from gateway.accounting.margin import Margin
from gateway.accounting.money import EXACT
from gateway.accounting.period import Period
from gateway.accounting.prices import PriceBook
from gateway.accounting.savings import GAVE_NOTHING, Account, Projection, Spend, account_of, between, projected
from gateway.config.price import DatedPrices
from gateway.config.settings import Deployment

_NOTHING: Final = Decimal(0)
_MICROSECOND: Final = Decimal("0.000001")


class UnknownPrice(ValueError):
    """Nobody knows what the named model costs. The message says what to write instead."""


class Reference(Protocol):
    """What `past` would have cost elsewhere, in dollars; None where nobody can say."""

    def __call__(self, past: Past) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Named:
    """A deployment of the configuration, or a model of the price list, as the one that would have answered."""

    name: str
    book: PriceBook

    @classmethod
    def of(
        cls,
        name: str,
        deployments: Mapping[str, Deployment],
        lists: Sequence[DatedPrices] = (),
        catalogue: Catalogue | None = None,
    ) -> Named:
        """With the prices that were in force at the time, where `lists` say. Raises `UnknownPrice`."""
        found = cls.maybe_unpriced(name, deployments, lists, catalogue)
        if found.book.unknown_price(name):
            raise UnknownPrice(
                f"no price is known for '{name}': name a deployment that has one, or a model as the price list "
                "writes it, such as gpt-4o or anthropic/claude-sonnet-4-5"
            )
        return found

    @classmethod
    def maybe_unpriced(
        cls,
        name: str,
        deployments: Mapping[str, Deployment],
        lists: Sequence[DatedPrices] = (),
        catalogue: Catalogue | None = None,
    ) -> Named:
        """As `of`, of a model whose price may be unknown: then all that it would have cost is."""
        deployment = deployments.get(name) or Deployment(zone="cloud", engine="litellm", model=name)
        return cls(name, PriceBook({name: deployment}, catalogue or Catalogue(), lists))

    def __call__(self, past: Past) -> Decimal | None:
        if past.usage is None:
            return None
        return self.book.cost(self.name, past.usage, busy(past), at=past.at)


def busy(past: Past) -> Decimal | None:
    """Seconds that a machine would have been at it; None: it took none, as the answer came from the cache."""
    if past.latency is None or past.outcome == "hit":
        return None
    return EXACT.multiply(round(past.latency * 1e6), _MICROSECOND)


@dataclass(slots=True)
class _Sums:
    """Of the attempts whose cost and reference are both known; `doubtful_*`: what of it rests on estimated tokens."""

    reference: Decimal | None = None
    compared: Decimal = _NOTHING
    doubtful: Decimal = _NOTHING
    not_compared: int = 0

    def add(self, past: Past, reference: Decimal | None, timed: Collection[str]) -> None:
        if past.cost is None or reference is None:
            self.not_compared += 1
            return
        self.reference = EXACT.add(self.reference or _NOTHING, reference)
        self.compared = EXACT.add(self.compared, past.cost)
        if past.usage is not None and past.usage.estimated:
            self.doubtful = EXACT.add(self.doubtful, reference)
            if past.deployment not in timed:
                self.doubtful = EXACT.subtract(self.doubtful, past.cost)

    def put_into(self, line: Spend, margin: Margin | None) -> Spend:
        saved = None if self.reference is None else EXACT.subtract(self.reference, self.compared)
        if not line.attempts:
            return line
        return replace(
            line,
            reference=self.reference,
            saved=saved,
            saved_between=between(saved, self.doubtful, margin),
            not_compared=self.not_compared,
        )


@dataclass(slots=True)
class _Basis:
    """Requests of which every amount is known."""

    requests: int = 0
    spent: Decimal = _NOTHING
    reference: Decimal = _NOTHING

    def add(self, attempts: Sequence[Past], references: Sequence[Decimal | None]) -> None:
        costs = [past.cost for past in attempts]
        if None in costs or None in references or not any(past.gave_an_answer for past in attempts):
            return
        self.requests += 1
        for cost, reference in zip(costs, references, strict=True):
            self.spent = EXACT.add(self.spent, cost or _NOTHING)
            self.reference = EXACT.add(self.reference, reference or _NOTHING)

    def projection(self) -> Projection:
        return projected(self.requests, self.spent, self.reference) if self.requests else projected(0, None, None)


@dataclass(slots=True)
class _Anew:
    lines: dict[tuple[str | None, ...], _Sums] = field(default_factory=dict)
    total: _Sums = field(default_factory=_Sums)
    basis: _Basis = field(default_factory=_Basis)


def account_against(
    ledger: Ledger, by: Sequence[str], period: Period, name: str, reference: Reference, timed: Collection[str] = ()
) -> Account:
    """As `savings.account`, but for what the answers would have cost. Raises `LedgerUnavailable`."""
    anew = _Anew()
    with ledger.reading() as connection:
        found = account_of(connection, by, period, timed)
        for attempts in history(connection, period):
            references = [would_have_cost(past, reference) for past in attempts]
            anew.basis.add(attempts, references)
            for past, amount in zip(attempts, references, strict=True):
                anew.total.add(past, amount, timed)
                for group in _groups(past, by):
                    anew.lines.setdefault(group, _Sums()).add(past, amount, timed)
    return replace(
        found,
        against=name,
        lines=tuple(anew.lines.get(line.group, _Sums()).put_into(line, found.margin) for line in found.lines),
        total=anew.total.put_into(found.total, found.margin),
        projection=anew.basis.projection(),
    )


def would_have_cost(past: Past, reference: Reference) -> Decimal | None:
    """What gave the client nothing would not have been needed."""
    if past.outcome in GAVE_NOTHING or past.role != "answer":
        return _NOTHING
    return reference(past)


def _groups(past: Past, by: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
    """Of all lines that the attempt is in."""
    return product(*(_values(past, name) for name in by))


def _values(past: Past, dimension: str) -> tuple[str | None, ...]:
    if dimension in ("day", "month"):
        day = datetime.fromtimestamp(int(past.settled_at), UTC)
        return (day.strftime("%Y-%m-%d" if dimension == "day" else "%Y-%m"),)
    if dimension == "tag":
        return tuple(past.tags or (None,))
    value: str | None = getattr(past, dimension)
    return (value,)
