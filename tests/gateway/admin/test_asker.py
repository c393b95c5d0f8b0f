"""If these fail, somebody sees or changes what their role is not for."""

from __future__ import annotations

import pytest

from gateway.admin.asker import Admin, Auditor, Caller, Viewer
from gateway.config.access import RANKS
from gateway.probes import ADMIN
from tests.gateway.admin.desk import ROLES, Desk, key_of


def with_rooms(desk: Desk) -> Desk:
    @desk.application.get("/admin/v1/caller")
    async def of_callers(asker: Caller) -> str:
        return asker.name

    @desk.application.get("/admin/v1/viewer")
    async def of_viewers(asker: Viewer) -> str:
        return asker.name

    @desk.application.get("/admin/v1/auditor")
    async def of_auditors(asker: Auditor) -> str:
        return asker.name

    @desk.application.get("/admin/v1/admin")
    async def of_admins(asker: Admin) -> str:
        return asker.name

    desk.probes._pages = desk.application  # so that the door has the one with these rooms
    return desk


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_for_itself_and_what_is_below_it(desk: Desk, role: str) -> None:
    asking = with_rooms(desk).ask(role)
    for room in ROLES:
        answer = await asking.get(f"/admin/v1/{room}")
        if RANKS[role] >= RANKS[room]:
            assert (answer.status_code, answer.json()) == (200, role)
        else:
            assert answer.status_code == 403
            error = answer.json()["error"]
            assert (error["type"], error["code"]) == ("permission_error", "forbidden")
            assert room in error["message"]
            assert key_of(role) not in answer.text


LEAST = {
    "get /admin/v1/me": "caller",
    "get /admin/v1/me/usage": "caller",
    "get /admin/v1/budgets": "caller",  # those of their own key
    "get /admin/v1/reports": "viewer",
    "get /admin/v1/reports/csv": "viewer",
    "get /admin/v1/reports/focus": "viewer",
    "get /admin/v1/attempts": "viewer",
    "get /admin/v1/requests/{request_id}": "viewer",
    "get /admin/v1/keys": "auditor",
    "get /admin/v1/keys/{name}": "auditor",
    "get /admin/v1/teams": "auditor",
    "get /admin/v1/teams/{name}": "auditor",
    "get /admin/v1/access-events": "auditor",
    "post /admin/v1/keys": "admin",
    "patch /admin/v1/keys/{name}": "admin",
    "post /admin/v1/keys/{name}/rotate": "admin",
    "post /admin/v1/keys/{name}/revoke": "admin",
    "post /admin/v1/teams": "admin",
    "patch /admin/v1/teams/{name}": "admin",
    "delete /admin/v1/teams/{name}": "admin",
    "get /admin/v1/cache": "viewer",
    "delete /admin/v1/cache": "admin",
}


async def test_everything_there_is_asks_for_its_role_before_it_looks_at_the_rest(desk: Desk) -> None:
    """A new endpoint has to be put into the list above."""
    described = (await desk.ask().get("/openapi.json")).json()["paths"]
    assert LEAST.keys() == {
        f"{method} {path}" for path, methods in described.items() if path.startswith(ADMIN) for method in methods
    }
    for what, least in LEAST.items():
        method, _, path = what.partition(" ")
        for role in ROLES:
            answer = await desk.ask(role).request(method, path.format(name="nobody", request_id="none"))
            assert (answer.status_code == 403) == (RANKS[role] < RANKS[least]), (what, role)
