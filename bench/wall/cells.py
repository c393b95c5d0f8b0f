"""Cells of the wall: a fault, a dialect, streamed or not, and how free the content is to go elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, Final, NamedTuple

from bench.wall.faults import FAULTS, Address, Fault, Way
from tests.harness.configs import CLOUD_PRICE, deployment
from tests.harness.dialects import DIALECTS, Dialect
from tests.harness.prompts import CARD, EASY
from tests.upstream import Upstream

HOME_PRICE: Final = {"input": "0.05", "output": "0.20"}  # dollars per million tokens: so that it is seen in the books


class Situation(Enum):
    """`PINNED`: what must stay home, and the model there is at fault. `FREE`: the large one is, and the small one could
    answer. `ALONE`: the large one is, and there is no other."""

    PINNED = "pinned to home"
    FREE = "free, another could"
    ALONE = "free, no other"


class Cell(NamedTuple):
    number: int
    fault: Fault
    dialect: Dialect
    streamed: bool
    situation: Situation

    @property
    def way(self) -> Way:
        return self.fault.way(streamed=self.streamed)

    @property
    def needle(self) -> str:
        """A word that is in this cell's prompt and in no other."""
        return f"cell{self.number:04}"

    @property
    def route(self) -> str:
        return f"wall-{self.number}"

    @property
    def at_fault(self) -> str:
        """The deployment that is: of this cell alone, so that its health says nothing about another's."""
        return f"at-fault-{self.number}"

    @property
    def body(self) -> dict[str, Any]:
        asked = CARD if self.situation is Situation.PINNED else EASY
        return self.dialect.body(self.route, f"{asked} {self.needle}", streamed=self.streamed)

    def __str__(self) -> str:
        how = "streamed" if self.streamed else "whole"
        return f"{self.fault.name}, {self.situation.value}, {self.dialect.name}, {how}"


def cells() -> Sequence[Cell]:
    """All of them, those that are pinned first."""
    found = [
        (fault, dialect, streamed, situation)
        for situation in Situation
        for fault in FAULTS
        for streamed in (False, True)
        for dialect in DIALECTS
    ]
    return [Cell(number, *one) for number, one in enumerate(found)]


def settings(
    cell: Cell, upstream: Upstream, address: str, timeouts: dict[str, float]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The deployment that is at fault, and the route that leads to it. `upstream`: the one of its zone."""
    pinned = cell.situation is Situation.PINNED
    directive = cell.way.directive
    if directive.startswith("once:"):
        directive += f":{cell.needle}"
    zone, price = ("local", HOME_PRICE) if pinned else ("cloud", CLOUD_PRICE)
    own = deployment(upstream, zone, directive, timeouts=timeouts, price={"tokens": price})
    if cell.fault.address is not Address.ANSWERS:
        own["base_url"] = address
    return own, _route(cell)


def _route(cell: Cell) -> dict[str, Any]:
    if cell.situation is Situation.PINNED:
        return {"small": [cell.at_fault], "large": ["large"], "prefer": "small"}
    if cell.situation is Situation.FREE:
        return {"large": [cell.at_fault], "small": ["small"], "prefer": "large"}
    return {"large": [cell.at_fault]}
