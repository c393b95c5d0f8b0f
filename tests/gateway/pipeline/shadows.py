"""A gateway that has its answers compared, and what its books and labels say."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from sqlalchemy import create_engine, inspect, text

from tests.gateway.house import KEY, House, deployment
from tests.servers.upstream import Upstreams

SHADOW = {"judge": "judge", "share": 1, "budget": "1"}
LEARNS = {"learning": {"enabled": True}}
IBAN = "Is DE89 3704 0044 0532 0130 00 a valid IBAN?"


def evaluating(
    upstreams: Upstreams,
    judge: str = "prefer:cloud-model",
    *,
    zone: str = "cloud",
    route: dict[str, Any] | None = None,
    deployments: dict[str, Any] | None = None,
    **shadow: Any,
) -> dict[str, Any]:
    """Settings of a house in which everything is compared."""
    judging = upstreams.local if zone == "local" else upstreams.cloud
    here = {
        "small": deployment(upstreams.local, "local", price={"tokens": {"input": 0, "output": 0}}),
        "large": deployment(upstreams.cloud, "cloud"),
        "judge": deployment(judging, zone, model=f"judge!{judge}"),
        **(deployments or {}),
    }
    both = {"small": ["small"], "large": ["large"], "shadow": {**SHADOW, **shadow}, **LEARNS, **(route or {})}
    routes = {"auto": {**both, "prefer": "small"}, "cloud": {**both, "prefer": "large"}}
    return {"deployments": here, "routes": routes, "keys": [{"name": "dev", "key": KEY, "team": "lab"}]}


async def evaluated(house: House) -> None:
    while tasks := house.pipeline.shadows._tasks:
        await asyncio.wait(tuple(tasks))
    if (lessons := house.pipeline.parts.lessons) is not None:
        await lessons.notebook.flush()


def labels(house: House) -> list[tuple[str, float, float, float]]:
    """Request, weak, strong and weight of all labels."""
    engine = create_engine(f"sqlite:///{house.directory}/.tidegate/learning.db")
    with engine.connect() as connection:
        query = "SELECT request_id, weak, strong, weight FROM learning_labels WHERE source = 'shadow'"
        there_are = inspect(connection).has_table("learning_labels")
        rows = [tuple(row) for row in connection.execute(text(query))] if there_are else []
    engine.dispose()
    return rows


def spending(house: House) -> Decimal:
    engine = create_engine(f"sqlite:///{house.directory}/.tidegate/learning.db")
    with engine.connect() as connection:
        quanta = connection.execute(text("SELECT sum(amount) FROM learning_spending")).scalar_one()
    engine.dispose()
    return Decimal(quanta).scaleb(-12)


def result(house: House, name: str) -> float:
    return house.counted("tidegate_shadow_total", result=name)
