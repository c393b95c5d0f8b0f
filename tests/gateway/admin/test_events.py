"""If these fail, nobody can tell who gave out a key."""

from __future__ import annotations

from tests.gateway.admin.desk import NOW, Desk

EVENTS = "/admin/v1/access-events"


async def test_all_changes_are_there_the_latest_first_in_pages(desk: Desk) -> None:
    asking = desk.ask("admin")
    await asking.post("/admin/v1/teams", json={"name": "lab2"})
    await asking.post("/admin/v1/keys", json={"name": "ann"})
    desk.now += 7
    await asking.patch("/admin/v1/keys/ann", json={"role": "auditor"})
    await asking.patch("/admin/v1/keys/ann", json={"role": "boss"})  # which is refused
    first = (await asking.get(EVENTS, params={"limit": 2})).json()
    assert [(event["action"], event["name"], event["actor"]) for event in first["data"]] == [
        ("key.changed", "ann", "admin"),
        ("key.created", "ann", "admin"),
    ]
    assert first["data"][0]["details"] == {"role": "auditor"}
    assert first["data"][0]["created_at"] == int(NOW) + 7
    rest = (await asking.get(EVENTS, params={"cursor": first["next_cursor"], "limit": 2})).json()
    assert [event["action"] for event in rest["data"]] == ["team.created"]
    of_one = (await asking.get(EVENTS, params={"name": "lab2"})).json()
    assert [event["kind"] for event in of_one["data"]] == ["team"]
