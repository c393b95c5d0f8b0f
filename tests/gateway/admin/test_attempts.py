"""Every row of the ledger can be seen, once, with its exact cost; by those who may."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.accounting.ledger import Ledger
from tests.gateway.accounting.samples import NOON, apply, intent, settlement
from tests.gateway.admin.desk import Desk

ATTEMPTS = "/admin/v1/attempts"


@pytest.fixture
def booked(desk: Desk) -> Desk:
    ledger = Ledger.open(desk.serving.loaded.ledger_url)
    records = [settlement(intent(f"r-{n}", request_id="r", tags=("blue",)), at=NOON + n) for n in (1, 2, 3)]
    apply(ledger, [*records, settlement(intent("s-1", request_id="s", route="other"), at=NOON, cost=None)])
    apply(ledger, [intent("r-4", request_id="r", held=Decimal("0.5"))], worker="w7")
    ledger.close()
    return desk


async def test_all_of_them_in_pages(booked: Desk) -> None:
    asking = booked.ask("viewer")
    first = (await asking.get(ATTEMPTS, params={"limit": 3})).json()
    assert [row["attempt_id"] for row in first["data"]] == ["r-3", "r-2", "r-1"]
    rest = (await asking.get(ATTEMPTS, params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [(row["attempt_id"], row["cost"]) for row in rest["data"]] == [("s-1", None)]
    assert not rest["has_more"]
    assert first["data"][0]["cost"] == "0.000425"
    oldest = (await asking.get(ATTEMPTS, params={"order": "oldest", "limit": 1})).json()
    assert oldest["data"][0]["attempt_id"] == "s-1"


async def test_some_of_them(booked: Desk) -> None:
    async def count(**words: str) -> int:
        return len((await booked.ask("viewer").get(ATTEMPTS, params=words)).json()["data"])

    assert await count(tag="blue") == 3
    assert await count(route="other") == 1
    assert await count(outcome="error") == 0
    assert await count(**{"from": str(int(NOON) + 2)}) == 2


async def test_a_request_with_what_is_under_way(booked: Desk) -> None:
    found = (await booked.ask("viewer").get("/admin/v1/requests/r")).json()
    assert [row["attempt_id"] for row in found["attempts"]] == ["r-1", "r-2", "r-3"]
    assert [(one["attempt_id"], one["held"], one["worker"]) for one in found["under_way"]] == [("r-4", "0.5", "w7")]
    assert (await booked.ask("viewer").get("/admin/v1/requests/none")).status_code == 404


@pytest.mark.parametrize("path", [ATTEMPTS, "/admin/v1/requests/r"])
async def test_callers_see_none(desk: Desk, path: str) -> None:
    assert (await desk.ask("caller").get(path)).status_code == 403


async def test_a_cursor_of_another_list_is_a_400(booked: Desk) -> None:
    reply = await booked.ask("viewer").get(ATTEMPTS, params={"cursor": "WyJhIl0="})
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, "cursor")


@pytest.mark.parametrize("name", ["%00", "r%00-1", "r" * 257])
async def test_what_no_request_is_called_comes_to_no_database(booked: Desk, name: str) -> None:
    """PostgreSQL takes a NUL for a fault, and of a name each possible attempt is asked for."""
    reply = await booked.ask("viewer").get(f"/admin/v1/requests/{name}")
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, "request_id")
