"""Spending one budget to the end: the configuration, the demand, and the account that is settled afterwards."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from tests.harness.client import ask
from tests.harness.configs import deployment
from tests.harness.gateway import KEY, Gateway
from tests.harness.traffic import Answer, Ask, at_once
from tests.harness.wait import until
from tests.money.ledgers import Entry, Reader
from tests.upstream import Upstream

INPUT, OUTPUT = Decimal(2), Decimal(10)  # dollars per million tokens
LONGEST: Final = 60  # tokens of an answer, which is what is held for it
MEAN: Final = (LONGEST + 1) * OUTPUT / 2_000_000  # dollars, of what is drawn; prompts come to little
SERVED: Final = "200"
SPENT: Final = "429 insufficient_quota"
UNKNOWN: Final = "503 budget_unavailable"
_SETTLED_SECONDS: Final = 60.0


def configuration(outside: Upstream, amount: Decimal, **more: Any) -> str:
    """A budget for each of two keys, and nowhere to go when it is spent."""
    price = {"tokens": {"input": str(INPUT), "output": str(OUTPUT)}}
    settings = {
        "deployments": {"large": deployment(outside, "cloud", price=price)},
        "routes": {"auto": {"large": ["large"], "max_tokens": LONGEST}},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}, {"name": "other", "key": "${OTHER_KEY}"}],
        "budgets": {"own": {"each": "key", "amount": str(amount), "period": "month", "without_store": "refuse"}},
        "ledger": {"url": "sqlite:///tidegate.db"},
        **more,
    }
    return json.dumps(settings, indent=1)  # JSON is YAML


class Demand:
    """Requests whose answers have lengths drawn by lot, by `seed`; each is another question of the same length."""

    def __init__(self, seed: int, key: str = KEY) -> None:
        self._key = key
        self._chance = random.Random(seed)
        self._number = 0

    def asks(self, gateways: Sequence[Gateway], count: int) -> Iterator[Ask]:
        """To the gateways by turns."""
        for number in range(count):
            self._number += 1
            words = self._chance.randint(1, LONGEST)
            body = ask(f"Question number {self._number:08d}?", x_upstream=f"text:{words:02d}")
            yield Ask(gateways[number % len(gateways)], body, self._key)


def spend_the_rest(gateway: Gateway, demand: Demand, most: int = 16) -> list[Answer]:
    """What could not be held while others were under way may fit now: asked until it is refused, with ever fewer at a
    time, at last with nothing under way beside it."""
    answers: list[Answer] = []

    def refused() -> bool:
        """Nobody knows what is left for a while after a start, and after a store has gone."""
        some = at_once(demand.asks([gateway], most), most)
        answers.extend(some)
        said = seen(some)
        assert not said.keys() - {SERVED, SPENT, UNKNOWN}, said
        return SPENT in said and UNKNOWN not in said

    while most:
        until(f"the budget to be spent, with {most} at a time", refused, _SETTLED_SECONDS)
        most //= 2
    return answers


def until_known(gateways: Sequence[Gateway], demand: Demand) -> list[Answer]:
    """One request to each after the other, until each knows what is left: it asks the ledger when it is first asked."""
    answers: list[Answer] = []

    def known() -> bool:
        some = at_once(demand.asks(gateways, len(gateways)), len(gateways))
        answers.extend(some)
        return seen(some).keys() <= {SERVED, SPENT}

    until("every gateway to know what is left", known, _SETTLED_SECONDS)
    return answers


class Account(NamedTuple):
    """In dollars. `booked`: the ledger's costs; `abandoned`: held for what was under way when a process was killed;
    `billed`: what the provider counts, everything that it was asked; `largest`: reservation.
    """

    cap: Decimal
    booked: Decimal
    abandoned: Decimal
    billed: Decimal
    largest: Decimal
    rows: int

    @property
    def left(self) -> Decimal:
        return self.cap - self.booked - self.abandoned

    def __str__(self) -> str:
        return (
            f"cap {self.cap:f}, booked {self.booked:f}, abandoned {self.abandoned:f}, billed by the provider "
            f"{self.billed:f}, left {self.left:f}, largest reservation {self.largest:f}, {self.rows} rows"
        )


def bill(outside: Upstream) -> Decimal:
    """What the provider charges: also for answers that nobody received."""
    total = Decimal(0)
    for exchange in outside.journal.exchanges:
        body = exchange.json()
        words = sum(len(message["content"].split()) for message in body["messages"])
        total += words * INPUT + int(body["x_upstream"].partition(":")[2]) * OUTPUT
    return total / 1_000_000


def settled(cap: Decimal, read: Reader, outside: Upstream) -> Account:
    """Once there is a row for everything that the provider was asked, and nothing is under way any more."""
    asked = len(outside.journal.exchanges)

    def is_settled() -> bool:
        found = read()
        return len(found.entries) >= asked and not found.under_way

    until("every attempt in the ledger", is_settled, _SETTLED_SECONDS)
    entries = read().entries
    return Account(
        cap=cap,
        booked=sum((one.cost for one in entries if one.cost is not None), Decimal(0)),
        abandoned=sum((one.held for one in entries if one.cost is None and one.held is not None), Decimal(0)),
        billed=bill(outside),
        largest=max((one.held for one in entries if one.held is not None), default=Decimal(0)),
        rows=len(entries),
    )


def seen(answers: Iterable[Answer]) -> Counter[str]:
    return Counter(f"{one.status} {one.code}".strip() if one.status else "no answer" for one in answers)


def assert_served_are_booked(answers: Iterable[Answer], entries: Iterable[Entry]) -> None:
    """Every answer that came whole has one row with its cost."""
    served = {answer.request_id for answer in answers if answer.status == 200 and answer.whole}
    counts = Counter(one.request_id for one in entries if one.outcome == "ok" and one.cost is not None)
    assert served
    assert {request: counts[request] for request in served} == dict.fromkeys(served, 1)
