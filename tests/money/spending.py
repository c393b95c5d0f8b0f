"""Spending one budget to the end: the configuration, the demand, and the account that is settled afterwards."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from tests.harness.client import ask, post
from tests.harness.configs import deployment
from tests.harness.gateway import Gateway
from tests.harness.traffic import Answer, Ask
from tests.harness.wait import until
from tests.upstream import Upstream

INPUT, OUTPUT = Decimal(2), Decimal(10)  # dollars per million tokens
LONGEST: Final = 60  # tokens of an answer, which is what is held for it
MEAN: Final = (LONGEST + 1) / 2 * float(OUTPUT) / 1e6  # dollars, of what is drawn; prompts come to little
SPENT: Final = "insufficient_quota"


def configuration(outside: Upstream, amount: Decimal, **more: Any) -> str:
    """One budget for all together, and nowhere to go when it is spent."""
    price = {"tokens": {"input": str(INPUT), "output": str(OUTPUT)}}
    settings = {
        "deployments": {"large": deployment(outside, "cloud", price=price)},
        "routes": {"auto": {"large": ["large"], "max_tokens": LONGEST}},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
        "budgets": {"all": {"amount": str(amount), "period": "month", "without_store": "refuse"}},
        "ledger": {"url": "sqlite:///tidegate.db"},
        **more,
    }
    return json.dumps(settings, indent=1)  # JSON is YAML


class Demand:
    """Requests whose answers have lengths drawn by lot, by `seed`; each is another question of the same length."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._number = 0

    def asks(self, gateways: Sequence[Gateway], count: int) -> Iterator[Ask]:
        """To the gateways by turns."""
        for number in range(count):
            yield Ask(gateways[number % len(gateways)], self.body())

    def body(self) -> dict[str, Any]:
        self._number += 1
        words = self._chance.randint(1, LONGEST)
        return ask(f"Question number {self._number:08d}?", x_upstream=f"text:{words:02d}")


def spend_the_rest(gateway: Gateway, demand: Demand) -> int:
    """One request after the other, with nothing under way beside it, until one is refused. Returns how many were not.

    What could not be held while others were under way may fit now.
    """
    served = 0
    while (answer := post(gateway, demand.body())).status_code == 200:
        served += 1
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, SPENT), answer.text
    return served


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
    under_way: int

    @property
    def left(self) -> Decimal:
        return self.cap - self.booked - self.abandoned


def bill(outside: Upstream) -> Decimal:
    """What the provider charges: also for answers that nobody received."""
    total = Decimal(0)
    for exchange in outside.journal.exchanges:
        body = exchange.json()
        words = sum(len(message["content"].split()) for message in body["messages"])
        total += words * INPUT + int(body["x_upstream"].partition(":")[2]) * OUTPUT
    return total / 1_000_000


def account(cap: Decimal, rows: Iterable[tuple[str, Any, Any]], under_way: int, outside: Upstream) -> Account:
    """`rows`: outcome, cost, and what was held, as the ledger has them."""
    own = [(outcome, cost, None if held is None else Decimal(held)) for outcome, cost, held in rows]
    return Account(
        cap=cap,
        booked=sum((Decimal(cost) for _, cost, _ in own if cost is not None), Decimal(0)),
        abandoned=sum((held for _, cost, held in own if cost is None and held is not None), Decimal(0)),
        billed=bill(outside),
        largest=max((held for _, _, held in own if held is not None), default=Decimal(0)),
        rows=len(own),
        under_way=under_way,
    )


def seen(answers: Iterable[Answer]) -> Counter[str]:
    return Counter(f"{one.status} {one.code}".strip() if one.status else "no answer" for one in answers)


def assert_served_are_booked(answers: Sequence[Answer], booked: Sequence[tuple[str, str, Any]]) -> None:
    """Every answer that came whole has one row with its cost. `booked`: request id, outcome, cost."""
    served = {answer.request_id for answer in answers if answer.status == 200 and answer.whole}
    counts = Counter(request for request, outcome, cost in booked if outcome == "ok" and cost is not None)
    assert served
    assert {request: counts[request] for request in served} == dict.fromkeys(served, 1)


def wait_until_settled(gateway: Gateway, count: int) -> None:
    """Until the gateway has told its ledger of so many."""
    from tests.harness.ledger import rows

    until(f"{count} rows", lambda: len(rows(gateway)) >= count, 30)
