"""If these fail, a time that no calendar has is a fault of the gateway, and not of whoever wrote it."""

from __future__ import annotations

import pytest

from tests.gateway.admin.desk import Desk

PLACES = (
    "/admin/v1/me/usage",
    "/admin/v1/attempts",
    "/admin/v1/reports",
    "/admin/v1/reports/csv",
    "/admin/v1/reports/focus",
)


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize(
    "said", [str(10**30), str(-(10**30)), "253402300800", "9999-12-31T23:59:59-12:00", "soon", "1e400", "0.5"]
)
async def test_no_time_is_a_400_that_names_the_field(desk: Desk, path: str, said: str) -> None:
    for field in ("from", "to"):
        answer = await desk.ask("admin").get(path, params={field: said})
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, field)
        assert "2027-01-31T00:00:00Z" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "said", ["0", "-62135596800", "253402300799", "1970-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"]
)
async def test_every_time_of_the_calendar_is_one(desk: Desk, said: str) -> None:
    for path in PLACES:
        assert (await desk.ask("admin").get(path, params={"from": said})).status_code == 200


async def test_the_end_of_a_key_too(desk: Desk) -> None:
    answer = await desk.ask("admin").post("/admin/v1/keys", json={"name": "ann", "expires_at": 10**30})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "expires_at")
