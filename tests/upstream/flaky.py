"""Flaky: a server that goes wrong now and then, each time in another way. The directive at the bottom."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from tests.upstream.behaviours import BEHAVIOURS
from tests.upstream.faults import FAULTS
from tests.upstream.turn import Behaviour, Turn

WAYS = (
    *("status:500", "status:503", "status:429:1", "reset", "close", "hang", "hang_first", "stall:3", "cut:3:fin"),
    *("cut:3:rst", "cut:3:clean", "error_frame:0", "error_frame:3", "error_in_200", "garbage", "garbage_json", "page"),
    *("garbage_later:3", "empty", "html_error", "slow_first:0.3"),
)


async def flaky(turn: Turn) -> None:
    """`flaky:PERCENT`: so many calls meet with one of `WAYS`; which, follows from the number of the call."""
    dice = random.Random(f"{turn.answer.name} {turn.answer.serial}")
    way = dice.choice(WAYS) if dice.random() * 100 < float(turn.arg(0, "10")) else "ok"
    name, *args = way.split(":")
    await {**BEHAVIOURS, **FAULTS}[name](replace(turn, args=tuple(args)))


FLAKY: Mapping[str, Behaviour] = {"flaky": flaky}
