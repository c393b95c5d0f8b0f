"""If these fail, an admin cannot give out, change or take back a key, or somebody else can."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from gateway.wire.errors import Unauthenticated, WrongKey
from tests.gateway.admin.desk import NOW, ROLES, Desk, client

KEYS = "/admin/v1/keys"


@pytest.fixture
async def desk(sql_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """On SQLite, where the ledger's URL says nothing, and on PostgreSQL, where keys are kept beside it."""
    made = Desk(tmp_path, sql_url)
    yield made
    await made.directory.close()


async def made(desk: Desk, name: str = "ann", **more: Any) -> dict[str, Any]:
    answer = await desk.ask("admin").post(KEYS, json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def who(desk: Desk, key: str) -> str:
    return desk.keyring.identify(key.encode()).name


async def test_a_key_is_shown_once_and_opens_at_once(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await desk.ask("admin").post(
        KEYS,
        json={
            "name": "ann",
            "owner": "Ann, room 7",
            "team": "lab",
            "routes": ["auto"],
            "role": "viewer",
            "tags": ["x"],
            "locality": "local",
            "region": "fr",
            "limits": {"requests_per_minute": 60},
            "budgets": {"month": {"amount": "0.10", "period": "month"}},
            "expires_at": "2027-02-01T00:00:00Z",
        },
    )
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    body = answer.json()
    key = body.pop("key")
    assert who(desk, key) == "ann"
    assert body["secrets"] == [{"shown": key[:8] + "…", "created_at": int(NOW), "until": None}]
    assert body | {"limits": 0, "budgets": 0, "secrets": 0} == {
        "object": "key",
        "priority": "normal",
        "name": "ann",
        "source": "stored",
        "status": "active",
        "secrets": 0,
        "owner": "Ann, room 7",
        "team": "lab",
        "role": "viewer",
        "routes": ["auto"],
        "tags": ["x"],
        "locality": "local",
        "region": "fr",
        "limits": 0,
        "budgets": 0,
        "created_at": int(NOW),
        "created_by": "admin",
        "expires_at": 1_801_440_000,
        "revoked_at": None,
    }
    assert body["limits"]["requests_per_minute"] == 60
    assert body["budgets"]["month"]["amount"] == "0.10"
    shown = await desk.ask("auditor").get(f"{KEYS}/ann")
    assert shown.json() == body
    everything = [
        (await desk.ask("auditor").get(path)).text for path in (KEYS, "/admin/v1/access-events", f"{KEYS}/ann")
    ]
    assert key not in "".join((*everything, caplog.text))


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_do_what(desk: Desk, role: str) -> None:
    await made(desk)
    asking = desk.ask(role)
    looked = [(await asking.get(path)).status_code for path in (KEYS, f"{KEYS}/ann", "/admin/v1/access-events")]
    assert looked == [200 if role in ("auditor", "admin") else 403] * 3
    changed = [
        (await asking.post(KEYS, json={"name": "bob"})).status_code,
        (await asking.patch(f"{KEYS}/ann", json={"tags": ["y"]})).status_code,
        (await asking.post(f"{KEYS}/ann/rotate")).status_code,
        (await asking.post(f"{KEYS}/ann/revoke")).status_code,
    ]
    assert changed == ([201, 200, 200, 200] if role == "admin" else [403] * 4)


async def test_a_stored_key_with_a_role_opens_the_administration(desk: Desk) -> None:
    key = (await made(desk, "second", role="admin"))["key"]
    answer = await client(desk.probes, key).post(KEYS, json={"name": "third"})
    assert (answer.status_code, answer.json()["created_by"]) == (201, "second")


async def test_a_rotated_key_goes_on_a_while_beside_the_new_one(desk: Desk) -> None:
    first = (await made(desk))["key"]
    answer = await desk.ask("admin").post(f"{KEYS}/ann/rotate", json={"overlap_seconds": 600})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    second = answer.json()["key"]
    assert [one["until"] for one in answer.json()["secrets"]] == [int(NOW) + 600, None]
    assert who(desk, first) == who(desk, second) == "ann"
    desk.now += 600
    assert who(desk, second) == "ann"
    with pytest.raises(Unauthenticated):
        who(desk, first)
    at_once = await desk.ask("admin").post(f"{KEYS}/ann/rotate", json={"overlap_seconds": 0})
    with pytest.raises(WrongKey):
        who(desk, second)
    assert who(desk, at_once.json()["key"]) == "ann"


async def test_a_revoked_key_opens_nothing_from_then_on(desk: Desk) -> None:
    key = (await made(desk))["key"]
    for _ in range(2):
        answer = await desk.ask("admin").post(f"{KEYS}/ann/revoke")
        assert (answer.status_code, answer.json()["status"], answer.json()["secrets"]) == (200, "revoked", [])
    with pytest.raises(WrongKey):
        who(desk, key)
    again = await desk.ask("admin").post(KEYS, json={"name": "ann"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")


async def test_a_change_is_of_what_it_names(desk: Desk) -> None:
    key = (await made(desk, tags=["x"], team="lab", expires_at=int(NOW) + 60))["key"]
    asking = desk.ask("admin")
    changed = (await asking.patch(f"{KEYS}/ann", json={"tags": ["y"], "locality": "local"})).json()
    assert (changed["tags"], changed["team"], changed["expires_at"]) == (["y"], "lab", int(NOW) + 60)
    principal = desk.keyring.identify(key.encode())
    assert (set(principal.tags), str(principal.clearance)) == ({"y"}, "local")
    changed = (await asking.patch(f"{KEYS}/ann", json={"team": None, "expires_at": None})).json()
    assert (changed["team"], changed["expires_at"], changed["tags"]) == (None, None, ["y"])
    ended = (await asking.patch(f"{KEYS}/ann", json={"expires_at": int(NOW) + 5})).json()
    assert ended["status"] == "active"
    desk.now += 5
    assert (await asking.get(f"{KEYS}/ann")).json()["status"] == "expired"
    with pytest.raises(Unauthenticated):
        who(desk, key)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": "a", "rooms": []}, "rooms"),
        ({"name": "a", "routes": ["nowhere"]}, "routes[0]"),
        ({"name": "a", "role": "boss"}, "role"),
        ({"name": "a", "limits": {"concurrent": -1}}, "limits.concurrent"),
        ({"name": "a", "expires_at": "tomorrow"}, "expires_at"),
        ({"name": "a", "expires_at": 1}, "expires_at"),
        ({"name": "admin"}, "name"),
    ],
)
async def test_a_bad_key_is_refused_with_the_field_at_fault(desk: Desk, body: dict[str, Any], param: str) -> None:
    answer = await desk.ask("admin").post(KEYS, json=body)
    error = answer.json()["error"]
    assert answer.status_code == (409 if body.get("name") == "admin" else 400)
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["param"].startswith(param)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"name": "bob"}, "name"),
        ({"role": "boss"}, "role"),
        ({"routes": ["nowhere"]}, "routes[0]"),
        ({"budgets": {"x": {"amount": "much", "period": "day"}}}, "budgets.x.amount"),
        ({"expires_at": "tomorrow"}, "expires_at"),
    ],
)
async def test_a_bad_change_is_refused_and_changes_nothing(desk: Desk, body: dict[str, Any], param: str) -> None:
    await made(desk, tags=["x"])
    answer = await desk.ask("admin").patch(f"{KEYS}/ann", json={**body, "tags": ["y"]})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert (await desk.ask("admin").get(f"{KEYS}/ann")).json()["tags"] == ["x"]


async def test_what_is_not_there_is_a_404_and_what_is_configured_a_409(desk: Desk) -> None:
    asking = desk.ask("admin")
    for answer in (
        await asking.get(f"{KEYS}/nobody"),
        await asking.patch(f"{KEYS}/nobody", json={}),
        await asking.post(f"{KEYS}/nobody/rotate"),
        await asking.post(f"{KEYS}/nobody/revoke"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "key_not_found")
    assert (await asking.post(f"{KEYS}/viewer/revoke")).status_code == 409
    assert (await asking.get(f"{KEYS}/viewer")).json()["source"] == "configuration"


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_the_list_in_pages_has_stored_and_configured_ones(desk: Desk, limit: int) -> None:
    for name in ("ann", "bob", "charlie", "zoe"):
        await made(desk, name, team="lab" if name < "c" else "night")
    assert await names(desk, limit) == sorted(["ann", "bob", "charlie", "zoe", *ROLES])
    assert await names(desk, limit, team="lab") == sorted(["ann", "bob", *ROLES])


async def names(desk: Desk, limit: int, **more: str) -> list[str]:
    found: list[str] = []
    query: dict[str, str | int] = {"limit": limit, **more}
    while True:
        page = (await desk.ask("auditor").get(KEYS, params=query)).json()
        assert page["object"] == "list"
        assert len(page["data"]) <= limit
        found += [key["name"] for key in page["data"]]
        if not page["has_more"]:
            return found
        query["cursor"] = page["next_cursor"]


async def test_while_the_database_is_away_it_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "postgresql://nobody@127.0.0.1:9/nothing")
    try:
        answer = await desk.ask("admin").post(KEYS, json={"name": "ann"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"]
    finally:
        await desk.directory.close()


ODD = ("\0", "a\0b", "x" * 300, "\ufdd0", "..", "%2e", "'; --")


@pytest.mark.parametrize("text", ODD)
async def test_odd_names_are_refused_and_no_fault_of_the_database(desk: Desk, text: str) -> None:
    await made(desk)
    asking = desk.ask("admin")
    there = quote(text, safe="")
    for answer in (
        await asking.get(f"{KEYS}/{there}"),
        await asking.patch(f"{KEYS}/{there}", json={}),
        await asking.post(f"{KEYS}/{there}/rotate"),
        await asking.post(f"{KEYS}/{there}/revoke"),
        await asking.get(f"/admin/v1/teams/{there}"),
        await asking.delete(f"/admin/v1/teams/{there}"),
        await asking.get(KEYS, params={"team": text}),
        await asking.get("/admin/v1/access-events", params={"name": text}),
        await asking.post(KEYS, json={"name": text}),
        await asking.post(KEYS, json={"name": "b", "team": text}),
    ):
        assert 400 <= answer.status_code < 500, (answer.request.url, answer.text)
    assert (await asking.get("/admin/v1/attempts", params={"key": text})).status_code < 500
    assert (await asking.get(f"{KEYS}/ann")).status_code == 200, "the database was taken for broken"


@pytest.mark.parametrize("cursor", [["\0"], ["a", 1], [2**63], [-(2**70)], [1e400], [[]], [None], ["\ud800"], "a", {}])
async def test_odd_cursors_are_refused(desk: Desk, cursor: object) -> None:
    asking = desk.ask("admin")
    text = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode()
    for path in (KEYS, "/admin/v1/teams", "/admin/v1/access-events"):
        answer = await asking.get(path, params={"cursor": text})
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "cursor"), answer.text
    assert (await asking.get(KEYS)).status_code == 200


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"owner": "x" * 300}, "owner"),
        ({"owner": "a\nb"}, "owner"),
        ({"tags": [f"t{number}" for number in range(100)]}, "tags"),
        ({"expires_at": 10**15}, "expires_at"),
        ({"budgets": {f"b{number}": {"amount": 1, "period": "day"} for number in range(100)}}, "budgets"),
    ],
)
async def test_what_is_kept_of_a_key_has_bounds(desk: Desk, body: dict[str, Any], param: str) -> None:
    await made(desk)
    for answer in (
        await desk.ask("admin").post(KEYS, json={"name": "bob", **body}),
        await desk.ask("admin").patch(f"{KEYS}/ann", json=body),
    ):
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), answer.text


@pytest.mark.parametrize("content", [b"", b"[", b"null", b"[]", b"7", b"[" * 100_000, b"\xff", b'{"name": "\\ud800"}'])
async def test_a_body_that_is_none_is_refused(desk: Desk, content: bytes) -> None:
    asking = desk.ask("admin")
    headers = {"content-type": "application/json"}
    for method, path in (("POST", KEYS), ("PATCH", f"{KEYS}/ann"), ("POST", "/admin/v1/teams")):
        answer = await asking.request(method, path, content=content, headers=headers)
        assert answer.status_code in (400, 404), (method, path, answer.text)
        assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
