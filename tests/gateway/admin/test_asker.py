"""If these fail, somebody sees or changes what their role is not for."""

from __future__ import annotations

import pytest

from gateway.admin.asker import Admin, Auditor, Caller, Viewer
from gateway.config.access import RANKS
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
