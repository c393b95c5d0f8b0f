"""If these fail, what a team has in common cannot be said, or does not hold for its keys."""

from __future__ import annotations

import pytest

from tests.gateway.admin.desk import ROLES, Desk, key_of

TEAMS = "/admin/v1/teams"


async def test_a_team_holds_for_its_keys_at_once(desk: Desk) -> None:
    asking = desk.ask("admin")
    key = key_of("caller").encode()  # of the configuration, of the team lab
    assert str(desk.keyring.identify(key).clearance) == "any"
    made = await asking.post(TEAMS, json={"name": "lab", "locality": "local", "limits": {"concurrent": 3}})
    assert made.status_code == 201
    assert (made.json()["source"], made.json()["created_by"]) == ("stored", "admin")
    principal = desk.keyring.identify(key)
    assert (str(principal.clearance), principal.team_limits.concurrent) == ("local", 3)
    changed = await asking.patch(f"{TEAMS}/lab", json={"locality": "any", "region": "fr"})
    assert (changed.status_code, changed.json()["limits"]["concurrent"]) == (200, 3)
    assert desk.keyring.identify(key).asker.region == "fr"
    assert (await asking.get(f"{TEAMS}/lab")).json() == changed.json()


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_do_what(desk: Desk, role: str) -> None:
    await desk.ask("admin").post(TEAMS, json={"name": "a"})
    asking = desk.ask(role)
    looked = [(await asking.get(path)).status_code for path in (TEAMS, f"{TEAMS}/a")]
    assert looked == [200 if role in ("auditor", "admin") else 403] * 2
    changed = [
        (await asking.post(TEAMS, json={"name": "b"})).status_code,
        (await asking.patch(f"{TEAMS}/a", json={"region": "fr"})).status_code,
        (await asking.delete(f"{TEAMS}/a")).status_code,
    ]
    assert changed == ([201, 200, 204] if role == "admin" else [403] * 3)


async def test_the_list_has_stored_and_configured_ones(desk: Desk) -> None:
    asking = desk.ask("admin")
    for name in ("zoo", "apes"):
        await asking.post(TEAMS, json={"name": name})
    first = (await asking.get(TEAMS, params={"limit": 2})).json()
    assert [(team["name"], team["source"]) for team in first["data"]] == [
        ("apes", "stored"),
        ("house", "configuration"),
    ]
    rest = (await asking.get(TEAMS, params={"cursor": first["next_cursor"]})).json()
    assert ([team["name"] for team in rest["data"]], rest["has_more"]) == (["zoo"], False)


async def test_what_cannot_be_is_refused(desk: Desk) -> None:
    asking = desk.ask("admin")
    await asking.post(TEAMS, json={"name": "lab"})  # to which keys of the configuration belong
    for status, answer in (
        (409, await asking.post(TEAMS, json={"name": "house"})),
        (409, await asking.post(TEAMS, json={"name": "lab"})),
        (409, await asking.delete(f"{TEAMS}/lab")),
        (409, await asking.patch(f"{TEAMS}/house", json={})),
        (404, await asking.get(f"{TEAMS}/nobody")),
        (404, await asking.delete(f"{TEAMS}/nobody")),
        (400, await asking.post(TEAMS, json={"name": "a b"})),
        (400, await asking.post(TEAMS, json={"name": "c", "locality": "home+"})),
        (400, await asking.patch(f"{TEAMS}/lab", json={"policy": {}})),
    ):
        assert answer.status_code == status, answer.text
        assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
