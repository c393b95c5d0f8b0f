"""Keys: made, shown, changed, rotated, revoked. A key itself is in one answer: that to whoever made or rotated it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from gateway.access.registry import DEFAULT_OVERLAP, MOST_OVERLAP, Revision, found
from gateway.access.stored import StoredKey
from gateway.access.terms import KeyTerms, terms_in
from gateway.admin.asker import Admin, Auditor, InOffice
from gateway.admin.key_shown import KeyMade, KeyShown
from gateway.admin.moment import Moment, seconds
from gateway.admin.named import Named, NamedIn
from gateway.admin.paging import Page, Paging
from gateway.admin.registering import merged, register
from gateway.openapi.parts import failures, ref
from gateway.wire.errors import BadRequest

ROUTER = APIRouter(prefix="/keys", tags=["Keys and teams"])
_LOOKING: Final[Any] = failures((503,), ref("Error"))
_CHANGING: Final[Any] = failures((409, 503), ref("Error"))
_MOMENT: Final[TypeAdapter[int | datetime | None]] = TypeAdapter(Moment | None)
_CHANGES: Final = "What is to be another, as in `NewKey`, all but `name`; null takes it back to as if left out."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey(KeyTerms):
    """A key to be made."""

    name: str
    """Whose it is: shown in reports, logs and metrics. Never given twice."""
    expires_at: Moment | None = None
    """When it ends; left out: never."""


class Rotation(BaseModel):
    """How a key is replaced."""

    overlap_seconds: Annotated[int, Field(ge=0, le=int(MOST_OVERLAP))] = int(DEFAULT_OVERLAP)
    """How long the one before is still good."""


_USUAL: Final = Rotation()


@ROUTER.get("", summary="List keys", responses=_LOOKING)
async def keys(office: InOffice, asker: Auditor, paging: Paging, team: NamedIn = None) -> Page[KeyShown]:
    """By name: those that were made at run time, and those of the configuration."""
    del asker
    after = paging.after(str)
    behind = None if after is None else after[0]
    serving, now = office.current(), office.clock()
    own = [key for key in serving.loaded.settings.keys if behind is None or key.name > behind]
    names = frozenset(key.name for key in serving.loaded.settings.keys)
    stored = await serving.directory.ask(
        lambda store: store.list_keys(after=behind, limit=paging.fetch, team=team, besides=names)
    )
    rows = [KeyShown.of(key, now) for key in stored]
    rows += [KeyShown.of_configured(key) for key in own if team in (None, key.team)]
    rows.sort(key=lambda row: row.name)
    return paging.page(rows[: paging.fetch], lambda row: (row.name,), lambda row: row)


@ROUTER.post("", summary="Make a key", status_code=201, responses=_CHANGING)
async def new_key(office: InOffice, asker: Admin, wanted: NewKey, response: Response) -> KeyMade:
    """The answer holds the key: it is shown this once."""
    terms = terms_in(wanted, KeyTerms)
    ends = seconds(wanted.expires_at)
    made = await register(office, asker, lambda registry, hand: registry.new_key(wanted.name, terms, ends, hand))
    response.headers["cache-control"] = "no-store"
    return KeyMade.made(made, office.clock())


@ROUTER.get("/{name}", summary="Show a key", responses=_LOOKING)
async def key(office: InOffice, asker: Auditor, name: Named) -> KeyShown:
    del asker
    serving = office.current()
    for own in serving.loaded.settings.keys:
        if own.name == name:
            return KeyShown.of_configured(own)
    return KeyShown.of(await serving.directory.ask(lambda store: found(store.key(name), name)), office.clock())


@ROUTER.patch("/{name}", summary="Change a key", responses=_CHANGING)
async def change_key(
    office: InOffice, asker: Admin, name: Named, changes: Annotated[dict[str, Any], Body(description=_CHANGES)]
) -> KeyShown:
    def revise(before: StoredKey) -> Revision:
        wanted = dict(changes)
        ends = _end(wanted.pop("expires_at")) if "expires_at" in wanted else before.expires_at
        return merged(before.terms, wanted), ends

    changed = await register(office, asker, lambda registry, hand: registry.change_key(name, revise, hand))
    return KeyShown.of(changed, office.clock())


@ROUTER.post("/{name}/rotate", summary="Replace a key", responses=_CHANGING)
async def rotate_key(
    office: InOffice, asker: Admin, name: Named, response: Response, rotation: Rotation = _USUAL
) -> KeyMade:
    """A new key for the same name. The one before is good a while longer, so that nothing stands still meanwhile."""
    overlap = rotation.overlap_seconds
    made = await register(office, asker, lambda registry, hand: registry.rotate_key(name, overlap, hand))
    response.headers["cache-control"] = "no-store"
    return KeyMade.made(made, office.clock())


@ROUTER.post("/{name}/revoke", summary="Revoke a key", responses=_CHANGING)
async def revoke_key(office: InOffice, asker: Admin, name: Named) -> KeyShown:
    """It opens nothing from then on, for good: within two seconds everywhere. Twice is harmless."""
    revoked = await register(office, asker, lambda registry, hand: registry.revoke_key(name, hand))
    return KeyShown.of(revoked, office.clock())


def _end(moment: object) -> float | None:
    try:
        return seconds(_MOMENT.validate_python(moment))
    except ValidationError:
        raise BadRequest(
            "`expires_at` is no time: write seconds since the epoch, or 2027-01-31T00:00:00Z.",
            param="expires_at",
            code="invalid_value",
        ) from None
