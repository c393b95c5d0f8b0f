"""Me: what a key is good for and what it has used, told to whoever holds it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from gateway.accounting.money import dollars
from gateway.accounting.period import Period
from gateway.accounting.used import used_by
from gateway.admin.asker import Caller, InOffice
from gateway.admin.spell import Spell
from gateway.config.access import Role
from gateway.config.timezone import zone_of
from gateway.openapi.parts import failures, ref

ROUTER = APIRouter(prefix="/me", tags=["Administration"])
_LOOKING: Final[Any] = failures((503,), ref("Error"))


class Me(BaseModel):
    """The holder of a key."""

    object: Literal["key.holder"] = "key.holder"
    name: str
    team: str | None
    role: Role
    tags: list[str]
    routes: list[str] | None
    """null: all."""
    locality: str
    """The widest clearance of anything asked with this key, that of its team included."""


class KeyUsage(BaseModel):
    """What a key has used of which the ledger knows: the last second may not be in it."""

    object: Literal["key.usage"] = "key.usage"
    name: str
    start: float
    """Seconds since the epoch."""
    end: float | None
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost: str
    """Dollars, as far as they are known."""
    unknown_cost: int
    """Attempts whose cost is not known, and not in `cost`."""


@ROUTER.get("", summary="Who am I here?")
async def me(asker: Caller) -> Me:
    return Me(
        name=asker.name,
        team=asker.team,
        role=asker.role,
        tags=sorted(asker.tags),
        routes=None if asker.routes is None else sorted(asker.routes),
        locality=str(asker.clearance),
    )


@ROUTER.get("/usage", summary="What have I used?", responses=_LOOKING)
async def usage(office: InOffice, asker: Caller, spell: Spell) -> KeyUsage:
    """From `from` on; left out: since the month began, in the time zone of `server.timezone`."""
    loaded = office.current().loaded
    start = spell.start
    if start is None:
        now = datetime.fromtimestamp(office.clock(), zone_of(loaded.settings.server.timezone))
        start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()
    period = Period(start, spell.end)
    used = await office.archive.ask(loaded.ledger_url, lambda ledger: used_by(ledger, asker.name, period))
    return KeyUsage(
        name=asker.name,
        start=start,
        end=spell.end,
        requests=used.requests,
        prompt_tokens=used.prompt_tokens,
        completion_tokens=used.completion_tokens,
        cost=dollars(used.cost),
        unknown_cost=used.unknown_cost,
    )
