"""Me: what a key is good for, told to whoever holds it."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from gateway.admin.asker import Caller
from gateway.config.access import Role

ROUTER = APIRouter(tags=["Administration"])


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


@ROUTER.get("/me", summary="Who am I here?")
async def me(asker: Caller) -> Me:
    return Me(
        name=asker.name,
        team=asker.team,
        role=asker.role,
        tags=sorted(asker.tags),
        routes=None if asker.routes is None else sorted(asker.routes),
        locality=str(asker.clearance),
    )
