"""The books of the wall: what the ledger has of each request, held against what the models' servers counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from bench.wall.cells import HOME_PRICE, Cell, Situation
from bench.wall.run import Seen
from bench.wall.stage import Stage
from bench.wall.stated import EXACT, NOTHING, SO_FAR, UNKNOWN
from tests.harness.configs import CLOUD_PRICE
from tests.harness.ledger import Row, rows
from tests.harness.wait import until
from tests.upstream import Exchange
from tests.upstream.answers import Answer

PATIENCE: Final = 30.0  # seconds until the lines of the journals are in the ledger
_MILLION: Final = 1_000_000


def ledger(stage: Stage, seen: Iterable[Seen]) -> Mapping[str, Sequence[Row]]:
    """The attempts of each request, in their order, once there are some of every one."""
    ids = {one.request_id for one in seen}
    found: dict[str, list[Row]] = {}

    def look() -> bool:
        by_request = defaultdict(list)
        for row in rows(stage.gateway):
            by_request[row["request_id"]].append(row)
        found.update(by_request)
        return ids <= found.keys()

    until("the attempts of every request", look, PATIENCE)
    return found


def asked(stage: Stage) -> Mapping[str, Sequence[Exchange]]:
    """The calls that came to a model's server, by the needle in their prompts."""
    found: dict[str, list[Exchange]] = defaultdict(list)
    for upstream in (stage.home, stage.outside):
        for exchange in upstream.journal.exchanges:
            if exchange.method == "POST":
                place = exchange.body.index(b"cell")
                found[exchange.body[place : place + 8].decode()].append(exchange)
    return found


def text_of(exchange: Exchange, name: str) -> str:
    """What the model's server says to it."""
    return Answer(name, exchange.json(), 0).text


def booked(cell: Cell, attempts: Sequence[Row], calls: Sequence[Exchange]) -> tuple[str, ...]:
    """The cost of each attempt in a word; `role` or a number where it is not what it should be."""
    return tuple(_word(cell, row, calls) for row in attempts)


def _word(cell: Cell, row: Row, calls: Sequence[Exchange]) -> str:
    if row["role"] != "answer":
        return str(row["role"])
    if row["cost"] is None:
        return UNKNOWN
    cost = Decimal(row["cost"])
    if not cost:
        return NOTHING
    counted = {_cost(cell, row["deployment"], call) for call in calls}
    if row["outcome"] == "ok":
        return EXACT if cost in counted else f"wrong: {cost}"
    if row["outcome"] == "cut":  # a prompt is estimated at four characters a token, which is more than it has words
        return SO_FAR if cost < 4 * max(counted, default=Decimal(0)) else f"wrong: {cost}"
    return f"{row['outcome']}: {cost}"


def _cost(cell: Cell, deployment: str, call: Exchange) -> Decimal:
    home = deployment == "small" or (deployment == cell.at_fault and cell.situation is Situation.PINNED)
    price = HOME_PRICE if home else CLOUD_PRICE
    usage = Answer("local-model" if home else "cloud-model", call.json(), 0).usage()
    tokens = ((usage["prompt_tokens"], price["input"]), (usage["completion_tokens"], price["output"]))
    return sum((count * Decimal(dollars) for count, dollars in tokens), Decimal(0)) / _MILLION
