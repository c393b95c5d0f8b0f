"""Events: every change of keys and teams and every purge of the cache, with who made it and when."""

from __future__ import annotations

from typing import Any, Final, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel

from gateway.access.stored import Event
from gateway.admin.asker import Auditor, InOffice
from gateway.admin.named import NamedIn
from gateway.admin.paging import Page, Paging
from gateway.openapi.parts import failures, ref

ROUTER = APIRouter(tags=["Keys and teams"])
_LOOKING: Final[Any] = failures((503,), ref("Error"))


class EventShown(BaseModel):
    """A change. `created_at`: seconds since the epoch."""

    object: Literal["access.event"] = "access.event"
    id: int
    created_at: int
    actor: str
    """The name of the key that did it; `command line` for one who did it on the gateway's machine."""
    action: str
    kind: str
    """`key`, `team` or `cache`."""
    name: str
    details: dict[str, Any]
    """What is another now."""

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(
            id=event.id,
            created_at=int(event.at),
            actor=event.actor,
            action=event.action,
            kind=event.kind,
            name=event.name,
            details=dict(event.said),
        )


@ROUTER.get("/access-events", summary="List changes of keys and teams", responses=_LOOKING)
async def access_events(office: InOffice, asker: Auditor, paging: Paging, name: NamedIn = None) -> Page[EventShown]:
    """The latest first; of a key or team, or of all. Purges of the cache are among them."""
    del asker
    after = paging.after(int)
    before = None if after is None else after[0]
    rows = await office.current().directory.ask(
        lambda store: store.events(before=before, limit=paging.fetch, name=name)
    )
    return paging.page(rows, lambda event: (event.id,), EventShown.of)
