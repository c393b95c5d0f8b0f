"""Budgets: where each stands now. A caller is shown those of their own key, and nobody else's figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Final, Literal, NamedTuple

from fastapi import APIRouter, Query
from pydantic import BaseModel

from gateway.access.principal import Principal
from gateway.accounting.money import dollars
from gateway.admin.asker import Caller, InOffice
from gateway.admin.office import InForce
from gateway.admin.paging import Page, Paging
from gateway.config.access import RANKS
from gateway.config.quota import Budget, Whose
from gateway.openapi.parts import failures, ref
from gateway.quota.amounts import dollars_of
from gateway.quota.plan import Asked, Concern, Plan
from router.occasion import tags_in

ROUTER = APIRouter(tags=["Reports"])
_LOOKING: Final[Any] = failures((503,), ref("Error"))
_TAG: Final = "Of budgets for each tag, that of this one."


class Standing(BaseModel):
    """A budget of somebody. Amounts are dollars as text; null: nobody can say now."""

    object: Literal["budget"] = "budget"
    name: str
    of: Whose | None
    """Whose it is: a key's, a team's, a route's, a tag's; null: everybody's together."""
    owner: str
    amount: str
    hard: bool
    spent: str | None
    """Settled, what is unknown with what was held for it."""
    held: str | None
    """What attempts under way may cost besides."""
    share: float | None
    """What is spent and held, as a part of the amount."""
    since: float
    """When what counts began, in seconds since the epoch."""
    until: float
    """When the oldest part of it counts no more."""


class _Claim(NamedTuple):
    name: str
    kind: Whose | None
    owner: str
    own: Budget | None = None  # of a key or a team that was made at run time


@ROUTER.get("/budgets", summary="Where budgets stand", responses=_LOOKING)
async def budgets(
    office: InOffice, asker: Caller, paging: Paging, tag: Annotated[str | None, Query(description=_TAG)] = None
) -> Page[Standing]:
    """By name and owner."""
    after = paging.after(str, str, str)
    serving = office.current()
    plan, now = Plan.of(serving.loaded.settings), office.clock()
    claims = sorted(set(_visible(serving, asker, tag)), key=_place)
    claims = [claim for claim in claims if after is None or _place(claim) > after][: paging.fetch]
    rows = [await _standing(serving, plan, claim, now) for claim in claims]
    return paging.page(rows, lambda row: (row.name, row.of or "", row.owner), lambda row: row)


def _place(claim: _Claim) -> tuple[str, str, str]:
    return claim.name, claim.kind or "", claim.owner


def _visible(serving: InForce, asker: Principal, tag: str | None) -> Iterator[_Claim]:
    for claim in _claims(serving, tag):
        if RANKS[asker.role] >= RANKS["viewer"] or (claim.kind, claim.owner) == ("key", asker.name):
            yield claim


def _claims(serving: InForce, tag: str | None) -> Iterator[_Claim]:
    """Every budget there is, with everyone who has one."""
    settings, shelf = serving.loaded.settings, serving.directory.shelf
    stored_keys, stored_teams = (shelf.names, shelf.teams) if shelf else ({}, {})
    owners: dict[Whose, set[str]] = {
        "key": {key.name for key in settings.keys} | stored_keys.keys(),
        "team": settings.teams.keys() | stored_teams.keys() | {key.team for key in settings.keys if key.team},
        "route": set(settings.routes),
        "tag": set(tags_in(() if tag is None else (tag,))),  # as requests have it
    }
    for name, budget in settings.budgets.items():
        if budget.each is not None:
            yield from (_Claim(name, budget.each, owner) for owner in owners[budget.each])
            continue
        kind = next(iter(budget.whose), None)
        yield _Claim(name, kind, "" if kind is None else getattr(budget, kind))
    for held in stored_keys.values():
        for own, budget in held.terms.budgets.items():
            yield _Claim(f"keys.{held.name}.{own}", "key", held.name, budget)
    for team in stored_teams.values():
        for own, budget in team.terms.budgets.items():
            yield _Claim(f"teams.{team.name}.{own}", "team", team.name, budget)


async def _standing(serving: InForce, plan: Plan, claim: _Claim, now: float) -> Standing:
    concern = _concern(plan, claim, now)
    found = await serving.quota.standing(concern.slices)
    known = [spent for spent in found if spent is not None]
    spent = held = None
    if len(known) == len(found):
        spent, held = sum(each.spent for each in known), sum(each.held for each in known)
    amount = concern.budget.amount
    share = None
    if spent is not None and held is not None and amount:
        share = float(dollars_of(spent + held) / amount)
    return Standing(
        name=claim.name,
        of=claim.kind,
        owner=claim.owner,
        amount=dollars(amount),
        hard=concern.budget.hard,
        spent=None if spent is None else dollars(dollars_of(spent)),
        held=None if held is None else dollars(dollars_of(held)),
        share=share,
        since=concern.slices[0].start,
        until=concern.slices[0].until,
    )


def _concern(plan: Plan, claim: _Claim, now: float) -> Concern:
    """As a request of the owner would be asked for it."""
    owner = {kind: claim.owner if claim.kind == kind else "" for kind in ("key", "team", "route")}
    tags = frozenset({claim.owner}) if claim.kind == "tag" else frozenset[str]()
    asked = Asked(owner["key"], owner["team"] or None, owner["route"], tags)
    own = () if claim.own is None else ((claim.name, _named(claim, claim.own)),)
    return next(concern for concern in plan.concerns(asked, now, own) if concern.name == claim.name)


def _named(claim: _Claim, budget: Budget) -> Budget:
    return replace(budget, key=claim.owner) if claim.kind == "key" else replace(budget, team=claim.owner)
