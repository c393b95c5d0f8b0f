"""A gateway with a cascade, and what its books say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.accounting.record import Settlement
from router.cascade.features import FEATURE_NAMES
from router.cascade.head import Head
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import ONE_CALL, House, settings
from tests.servers.upstream import Upstreams

WRONG = "say:2 + 2 = 5."
RIGHT = "say:2 + 2 = 4."
PROMPT = "What is two and two?"


def opened(open_house: OpenHouse, upstreams: Upstreams, head: Path | None = None, **cascade: Any) -> House:
    settled: dict[str, Any] = {"band": [0, 1], "hold": 5.0, **cascade}
    if head is not None:
        settled["head"] = str(head)
    routes = settings(upstreams)["routes"]
    routes["auto"] = {"small": ["small"], "large": ["large"], "cascade": settled, **ONE_CALL}
    return open_house(routes=routes, cache={"enabled": True})


def a_head(directory: Path, *, knows: bool = True, **weights: float) -> Path:
    """Doubts by the features that are named."""
    blank = [0.0] * len(FEATURE_NAMES)
    given = [weights.get(name, 0.0) for name in FEATURE_NAMES]
    Head(given, blank, [1.0] * len(blank), 0.0, knows, {"deployment": "small"}).save(directory)
    return directory


def roles(house: House) -> list[tuple[str, str, str]]:
    return sorted((each.intent.deployment, each.intent.role, each.outcome) for each in house.settlements())


def of(house: House, name: str) -> Settlement:
    (found,) = (each for each in house.settlements() if each.intent.deployment == name)
    return found


def assert_books_are_whole(house: House) -> None:
    """Every attempt was begun once and settled once."""
    begun = [intent.attempt_id for intent in house.intents()]
    settled = [each.attempt_id for each in house.settlements()]
    assert sorted(begun) == sorted(settled)
    assert len(set(begun)) == len(begun)
