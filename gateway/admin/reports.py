"""Reports: what `tidegate report` says, for programs that have a key and no shell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from gateway.accounting.against import Named, UnknownPrice, account_against
from gateway.accounting.dimensions import DIMENSIONS
from gateway.accounting.focus import Charges, as_focus, charges
from gateway.accounting.ledger import Ledger
from gateway.accounting.money import dollars
from gateway.accounting.prices import PriceBook
from gateway.accounting.report import as_csv, values_of
from gateway.accounting.savings import MONTHLY_REQUESTS, Account, Spend, account
from gateway.admin.asker import InOffice, Viewer
from gateway.admin.spell import Spell
from gateway.openapi.parts import TEXT, failures, ref
from gateway.wire.errors import BadRequest

ROUTER = APIRouter(prefix="/reports", tags=["Reports"])
_LOOKING: Final[Any] = failures((503,), ref("Error"))
_CSV: Final = "text/csv"
_IN_CSV: Final[Any] = {200: {"content": {_CSV: {"schema": TEXT}}}, **_LOOKING}
_BY: Final = f"What the lines are of: any of {', '.join(DIMENSIONS)}, with commas between; empty: only the total."
_AGAINST: Final = "A deployment, or a model of the price list, to count savings against."


class Line(BaseModel):
    """A line of a report. Amounts are dollars as text, null where unknown; pairs are what they may truly be, given that
    tokens were estimated."""

    group: dict[str, str | None]
    requests: int
    attempts: int
    answered: int
    answered_at_home: int
    hits: int
    prompt_tokens: int
    completion_tokens: int
    estimated: int
    unknown_cost: int
    not_compared: int
    spent: str | None
    reference: str | None
    saved: str | None
    held: str | None
    """The most that attempts of unknown cost can have cost, as far as anything was held for them."""
    spent_between: tuple[str, str] | None
    saved_between: tuple[str, str] | None


class Estimates(BaseModel):
    """How many times as many tokens an estimate may stand for; measured on `basis` attempts, 0: assumed."""

    low: str
    high: str
    basis: int


class Projected(BaseModel):
    """A million requests like the `basis` ones of which every amount is known."""

    requests: int
    basis: int
    as_routed: str | None
    all_large: str | None
    saved: str | None


class Report(BaseModel):
    """What was spent and saved in a time."""

    object: Literal["report"] = "report"
    start: float | None
    end: float | None
    by: list[str]
    against: str | None
    lines: list[Line]
    total: Line
    under_way: int
    """Attempts that are not settled yet, and in none of the sums."""
    estimates: Estimates | None
    projection: Projected

    @classmethod
    def of(cls, found: Account) -> Self:
        margin = found.margin
        return cls(
            start=found.period.start,
            end=found.period.end,
            by=list(found.by),
            against=found.against,
            lines=[_line(found.by, line) for line in found.lines if found.by],
            total=_line((), found.total),
            under_way=found.under_way,
            estimates=None
            if margin is None
            else Estimates(low=dollars(margin.low), high=dollars(margin.high), basis=margin.basis),
            projection=_projected(found),
        )


def _line(by: Sequence[str], line: Spend) -> Line:
    values: dict[str, Any] = values_of(line)
    return Line(group=dict(zip(by, line.group, strict=True)), **values)


def _projected(found: Account) -> Projected:
    projection = found.projection
    amounts = (projection.as_routed, projection.all_large, projection.saved)
    routed, large, saved = (None if amount is None else dollars(amount) for amount in amounts)
    return Projected(requests=MONTHLY_REQUESTS, basis=projection.basis, as_routed=routed, all_large=large, saved=saved)


@ROUTER.get("", summary="Spend and savings", responses=_LOOKING)
async def report(
    office: InOffice,
    asker: Viewer,
    spell: Spell,
    by: Annotated[str, Query(description=_BY)] = "route",
    against: Annotated[str | None, Query(description=_AGAINST)] = None,
) -> Report:
    """What is in the ledger: the last second of traffic may not be."""
    del asker
    return Report.of(await _account(office, spell, by, against))


@ROUTER.get("/csv", summary="Spend and savings as CSV", response_class=Response, responses=_IN_CSV)
async def report_csv(
    office: InOffice,
    asker: Viewer,
    spell: Spell,
    by: Annotated[str, Query(description=_BY)] = "route",
    against: Annotated[str | None, Query(description=_AGAINST)] = None,
) -> Response:
    del asker
    return Response(as_csv(await _account(office, spell, by, against)), media_type=_CSV)


@ROUTER.get("/focus", summary="Spend as FOCUS 1.2", response_class=Response, responses=_IN_CSV)
async def focus(office: InOffice, asker: Viewer, spell: Spell) -> Response:
    """CSV by day. What cost nobody knows how much is left out, and counted in `x-tidegate-left-out`."""
    del asker
    loaded = office.current().loaded

    def read(ledger: Ledger) -> Charges:
        with ledger.reading() as connection:
            return charges(connection, spell, loaded.settings.deployments)

    found = await office.archive.ask(loaded.ledger_url, read)
    return Response(as_focus(found.rows), media_type=_CSV, headers={"x-tidegate-left-out": str(found.left_out)})


async def _account(office: InOffice, spell: Spell, by: str, against: str | None) -> Account:
    """Raises `BadRequest`, and `LedgerAway`."""
    words = tuple(dict.fromkeys(word.strip() for word in by.split(",") if word.strip()))
    for word in words:
        if word not in DIMENSIONS:
            raise BadRequest(
                f"`by` can be {', '.join(DIMENSIONS)}, and not {word[:50]!r}.", param="by", code="invalid_value"
            )
    loaded = office.current().loaded
    deployments, lists = loaded.settings.deployments, loaded.prices

    def read(ledger: Ledger) -> Account:
        timed = PriceBook(deployments, None, lists).by_time
        if against is None:
            return account(ledger, words, spell, timed)
        return account_against(ledger, words, spell, against, Named.of(against, deployments, lists), timed)

    try:
        return await office.archive.ask(loaded.ledger_url, read)
    except UnknownPrice as error:
        raise BadRequest(f"`against`: {error}.", param="against", code="invalid_value") from None
