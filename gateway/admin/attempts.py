"""Attempts: the rows of the ledger, page by page, and all that was done for one request. Neither holds content."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from gateway.accounting.attempts import Begun, Ended, Wanted, ended, of_request, place_of
from gateway.accounting.ledger import Ledger
from gateway.accounting.money import dollars
from gateway.admin.asker import InOffice, Viewer
from gateway.admin.paging import Page, Paging
from gateway.admin.spell import Spell
from gateway.openapi.parts import failures, ref
from gateway.wire.errors import NotFound

ROUTER = APIRouter(tags=["Reports"])
_LOOKING: Final[Any] = failures((503,), ref("Error"))
_AMOUNTS: Final = ("cost", "counterfactual", "held")
_TEXT: Final = r"^[^\x00]*$"  # PostgreSQL's texts are without NUL
_Name = Annotated[str | None, Query(max_length=256, pattern=_TEXT)]
_Id = Annotated[str, Path(max_length=256, pattern=_TEXT)]


class Attempt(BaseModel):
    """An attempt that has ended. Times are seconds since the epoch, amounts dollars as text; null: unknown."""

    object: Literal["attempt"] = "attempt"
    attempt_id: str
    request_id: str | None
    at: float | None
    settled_at: float
    key: str | None
    team: str | None
    route: str | None
    deployment: str | None
    """Empty: answered from the cache."""
    zone: str | None
    model: str | None
    clearance: str | None
    reason: str | None
    difficulty: float | None
    findings: dict[str, int] | None
    outcome: str
    status: int | None
    role: str
    tags: list[str] | None
    cost: str | None
    counterfactual: str | None
    held: str | None
    prompt_estimate: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    written_tokens: int | None
    written_hour_tokens: int | None
    audio_prompt_tokens: int | None
    audio_completion_tokens: int | None
    image_prompt_tokens: int | None
    image_completion_tokens: int | None
    searches: int | None
    tier: str | None
    estimated: bool | None
    latency: float | None
    first_token: float | None
    cache: str | None
    streamed: bool | None
    worker: str | None

    @classmethod
    def of(cls, row: Ended) -> Self:
        values = msgspec.structs.asdict(row)
        for name in _AMOUNTS:
            values[name] = None if values[name] is None else dollars(values[name])
        return cls(**values)


class UnderWay(BaseModel):
    """An attempt that has not ended, as far as the ledger knows."""

    object: Literal["attempt.under_way"] = "attempt.under_way"
    attempt_id: str
    at: float
    deployment: str
    zone: str
    model: str
    role: str
    held: str | None
    worker: str

    @classmethod
    def of(cls, begun: Begun) -> Self:
        intent = begun.intent
        return cls(
            attempt_id=intent.attempt_id,
            at=intent.at,
            deployment=intent.deployment,
            zone=intent.zone,
            model=intent.model,
            role=intent.role,
            held=None if intent.held is None else dollars(intent.held),
            worker=begun.worker,
        )


class RequestShown(BaseModel):
    """All that was done for a request, in the order in which it was."""

    object: Literal["request"] = "request"
    id: str
    attempts: list[Attempt]
    under_way: list[UnderWay]


@ROUTER.get("/attempts", summary="List attempts", responses=_LOOKING)
async def attempts(
    office: InOffice,
    asker: Viewer,
    paging: Paging,
    spell: Spell,
    key: _Name = None,
    team: _Name = None,
    route: _Name = None,
    deployment: _Name = None,
    zone: _Name = None,
    model: _Name = None,
    role: _Name = None,
    outcome: _Name = None,
    tag: _Name = None,
    order: Literal["newest", "oldest"] = "newest",
) -> Page[Attempt]:
    """Those that have ended, by when they did. What just ended is in it about a second later."""
    del asker
    after = paging.after(float, str)
    wanted = Wanted(spell, key, team, route, deployment, zone, model, role, outcome, tag)

    def read(ledger: Ledger) -> list[Ended]:
        with ledger.reading() as connection:
            return ended(connection, wanted, after, limit=paging.fetch, newest_first=order == "newest")

    rows = await office.archive.ask(office.current().loaded.ledger_url, read)
    return paging.page(rows, place_of, Attempt.of)


@ROUTER.get("/requests/{request_id}", summary="Show a request", responses=_LOOKING)
async def request(office: InOffice, asker: Viewer, request_id: _Id) -> RequestShown:
    """By its `x-request-id`."""
    del asker

    def read(ledger: Ledger) -> tuple[list[Ended], list[Begun]]:
        with ledger.reading() as connection:
            return of_request(connection, request_id)

    rows, begun = await office.archive.ask(office.current().loaded.ledger_url, read)
    if not rows and not begun:
        raise NotFound(f"The ledger has no request '{request_id[:100]}', or not yet.")
    return RequestShown(
        id=request_id, attempts=[Attempt.of(row) for row in rows], under_way=[UnderWay.of(one) for one in begun]
    )
