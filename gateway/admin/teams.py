"""Teams: made, shown, changed and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Body
from pydantic import BaseModel

from gateway.access.registry import found_team
from gateway.access.stored import StoredTeam
from gateway.access.terms import TeamTerms, terms_in
from gateway.admin.asker import Admin, Auditor, InOffice
from gateway.admin.named import Named
from gateway.admin.paging import Page, Paging
from gateway.admin.registering import merged, register
from gateway.config.quota import Budget, Limits
from gateway.config.settings import Team
from gateway.openapi.parts import failures, ref

ROUTER = APIRouter(prefix="/teams", tags=["Keys and teams"])
_LOOKING: Final[Any] = failures((503,), ref("Error"))
_CHANGING: Final[Any] = failures((409, 503), ref("Error"))
_CHANGES: Final = "What is to be another, as in `NewTeam`, all but `name`; null takes it back to as if left out."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTeam(TeamTerms):
    """A team to be made."""

    name: str
    """What its keys name."""


class TeamShown(BaseModel):
    """A team. Times are seconds since the epoch."""

    object: Literal["team"] = "team"
    name: str
    source: Literal["stored", "configuration"]
    """Those of the configuration are changed there."""
    locality: str
    region: str | None
    limits: Limits
    budgets: dict[str, Budget] = {}
    created_at: int | None = None
    created_by: str | None = None

    @classmethod
    def of(cls, team: StoredTeam) -> Self:
        return cls(
            name=team.name,
            source="stored",
            created_at=int(team.made_at),
            created_by=team.made_by,
            locality=team.terms.locality,
            region=team.terms.region,
            limits=team.terms.limits,
            budgets=team.terms.budgets,
        )

    @classmethod
    def of_configured(cls, name: str, team: Team) -> Self:
        return cls(name=name, source="configuration", locality=team.locality, region=team.region, limits=team.limits)


@ROUTER.get("", summary="List teams", responses=_LOOKING)
async def teams(office: InOffice, asker: Auditor, paging: Paging) -> Page[TeamShown]:
    """By name: those that were made at run time, and those of the configuration."""
    del asker
    after = paging.after(str)
    serving = office.current()
    stored = await serving.directory.ask(lambda store: store.list_teams())
    shown = {team.name: TeamShown.of(team) for team in stored}
    shown |= {name: TeamShown.of_configured(name, team) for name, team in serving.loaded.settings.teams.items()}
    rows = [shown[name] for name in sorted(shown) if after is None or name > after[0]]
    return paging.page(rows[: paging.fetch], lambda row: (row.name,), lambda row: row)


@ROUTER.post("", summary="Make a team", status_code=201, responses=_CHANGING)
async def new_team(office: InOffice, asker: Admin, wanted: NewTeam) -> TeamShown:
    terms = terms_in(wanted, TeamTerms)
    return TeamShown.of(
        await register(office, asker, lambda registry, hand: registry.new_team(wanted.name, terms, hand))
    )


@ROUTER.get("/{name}", summary="Show a team", responses=_LOOKING)
async def team(office: InOffice, asker: Auditor, name: Named) -> TeamShown:
    del asker
    serving = office.current()
    own = serving.loaded.settings.teams.get(name)
    if own is not None:
        return TeamShown.of_configured(name, own)
    return TeamShown.of(await serving.directory.ask(lambda store: found_team(store.team(name), name)))


@ROUTER.patch("/{name}", summary="Change a team", responses=_CHANGING)
async def change_team(
    office: InOffice, asker: Admin, name: Named, changes: Annotated[dict[str, Any], Body(description=_CHANGES)]
) -> TeamShown:
    def revise(before: StoredTeam) -> TeamTerms:
        return merged(before.terms, changes)

    return TeamShown.of(await register(office, asker, lambda registry, hand: registry.change_team(name, revise, hand)))


@ROUTER.delete("/{name}", summary="Remove a team", status_code=204, responses=_CHANGING)
async def remove_team(office: InOffice, asker: Admin, name: Named) -> None:
    """Refused while keys belong to it: they would be bound by less than before."""
    await register(office, asker, lambda registry, hand: registry.remove_team(name, hand))
