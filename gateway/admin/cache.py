"""Cache: what is kept of answers, by route, and what of it is not to be given again."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, NoReturn

from fastapi import APIRouter, Query
from pydantic import BaseModel

from gateway.admin.asker import Admin, InOffice, Viewer
from gateway.admin.registering import register
from gateway.cache.purges import name_of
from gateway.config.cache import Sensitive, Sharing
from gateway.config.cacheplans import cache_plans_of
from gateway.openapi.parts import failures, ref
from gateway.stores.eras import EVERYTHING
from gateway.stores.link import StoreFault
from gateway.wire.errors import BadRequest, Conflict, Unavailable

ROUTER = APIRouter(prefix="/cache", tags=["Cache"])
_CHANGING: Final[Any] = failures((409, 503), ref("Error"))
_MOST: Final = 100
_NAME: Final = Query(description="Several times for several.", max_length=_MOST)
Names = Annotated[list[Annotated[str, Query(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")]], _NAME]


class RouteKept(BaseModel):
    """What is kept of a route's answers. Times are seconds."""

    ttl: int
    stale: int
    scope: Sharing
    sensitive: Sensitive


class CacheShown(BaseModel):
    """The cache. `purged` are the names with a purge that may still concern something, and when: milliseconds since the
    epoch."""

    object: Literal["cache"] = "cache"
    shared: bool
    """Whether workers and replicas have it together, in Redis; else each has its own, in memory."""
    zone: str
    entries: int | None
    """In the memory of the worker that answers; null for Redis."""
    bytes: int | None
    routes: dict[str, RouteKept]
    """Those that have a cache."""
    purged: dict[str, int]


class CachePurged(BaseModel):
    """What is not given again."""

    object: Literal["cache.purge"] = "cache.purge"
    purged: list[str]


@ROUTER.get("", summary="Show the cache", responses=_CHANGING)
async def cache(office: InOffice, asker: Viewer) -> CacheShown:
    del asker
    serving = office.current()
    store, purges = serving.store, serving.purges
    if store is None or purges is None:
        _refuse()
    room = store.room
    return CacheShown(
        shared=room is None,
        zone=store.zone,
        entries=None if room is None else room.entries,
        bytes=None if room is None else room.bytes,
        routes={
            name: RouteKept(ttl=plan.ttl, stale=plan.stale, scope=plan.scope, sensitive=plan.sensitive)
            for name, plan in cache_plans_of(serving.loaded.settings).items()
        },
        purged=purges.known,
    )


@ROUTER.delete("", summary="Give answers not again", responses=_CHANGING)
async def purge(
    office: InOffice,
    asker: Admin,
    route: Names = [],  # noqa: B006 -- read, as FastAPI has it
    key: Names = [],  # noqa: B006
    team: Names = [],  # noqa: B006
    tag: Names = [],  # noqa: B006
    everything: Annotated[bool, Query(alias="all", description="Whatever it is of.")] = False,
) -> CachePurged:
    """All answers of each route, key, team and tag that is named: those that were asked for until now. In force in this
    worker at once, in all others within two seconds. Without Redis, each replica has a cache of its own."""
    purges = office.current().purges
    if purges is None:
        _refuse()
    names = [name_of("route", name) for name in route]
    names += [name_of("key", name) for name in key]
    names += [name_of("team", name) for name in team]
    names += [name_of("tag", name.lower()) for name in tag]
    if everything:
        names.append(EVERYTHING)
    if not names:
        raise BadRequest("Name a route, a key, a team or a tag, or say all=true.", param="route")
    # Who asks for it is written down first: better a record of a purge that has to be repeated than one without.
    await register(office, asker, lambda registry, hand: registry.record_purge(names, hand))
    try:
        await purges.purge(names)
    except StoreFault:
        raise Unavailable("Redis cannot be asked now, so nothing is purged. Try again.", retry_after=1) from None
    return CachePurged(purged=names)


def _refuse() -> NoReturn:
    raise Conflict("No route of this gateway has a cache.")
