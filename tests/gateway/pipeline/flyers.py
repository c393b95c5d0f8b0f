"""Flyers: clients that ask the same at a time, and what they have been told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from gateway.wire.http import Reply
from gateway.wire.sse import DONE
from tests.gateway.house import House, call, settings
from tests.servers.upstream import Upstreams

CACHED = {"cache": {"enabled": True}}
USAGE: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
TEAM = {"cache": {"enabled": True, "scope": "team"}}


def once_only(upstreams: Upstreams) -> dict[str, Any]:
    return {**settings(upstreams)["routes"], "home": {"small": ["small"], "retries": {"per_attempt": 0}}}


async def asked(upstreams: Upstreams, count: int = 1) -> None:
    await asyncio.to_thread(upstreams.local.journal.wait_for_requests, count)


async def boarded(house: House, count: int) -> None:
    """Until so many wait for an answer that another has asked for."""
    async with asyncio.timeout(30):
        while house.counted("tidegate_flights_total", result="followed") < count:  # noqa: ASYNC110  # only the counter tells
            await asyncio.sleep(0)


async def together(
    house: House, upstreams: Upstreams, bodies: Sequence[dict[str, Any]], directive: str = "hold:2"
) -> list[asyncio.Task[Reply]]:
    """All under way; the first of them leads."""
    upstreams.local.next(directive)
    leader = asyncio.create_task(house.ask(call(**bodies[0])))
    await asked(upstreams)
    others = [asyncio.create_task(house.ask(call(**body))) for body in bodies[1:]]
    await boarded(house, len(others))
    return [leader, *others]


def said(body: bytes) -> str:
    """The text of an answer, streamed or not; one that was cut has none."""
    if not body.startswith(b"data: "):
        return str(json.loads(body)["choices"][0]["message"]["content"])
    assert body.endswith(DONE), body
    events = [json.loads(event[6:]) for event in body.split(b"\n\n")[:-2]]
    return "".join(choice["delta"].get("content") or "" for event in events for choice in event["choices"])


def calls(upstreams: Upstreams) -> int:
    return len(upstreams.local.journal.exchanges)
