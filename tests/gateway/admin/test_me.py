"""If these fail, the holder of a key cannot find out what it is good for."""

from __future__ import annotations

import pytest

from tests.gateway.admin.desk import ROLES, Desk


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_is_told_who_they_are(desk: Desk, role: str) -> None:
    answer = await desk.ask(role).get("/admin/v1/me")
    assert answer.status_code == 200
    assert answer.json() == {
        "object": "key.holder",
        "name": role,
        "team": "lab",
        "role": role,
        "tags": sorted(("blue", role)),
        "routes": None,
        "locality": "any",
    }
