"""Ids that do not sort by time make the ledger slow; two requests of one id make one row of two."""

from __future__ import annotations

from gateway.wire.request_id import RequestIds


def test_an_id_is_the_time_and_then_chance() -> None:
    ids = RequestIds(lambda: 1_780_000_000.123, lambda count: bytes(range(count)))
    assert ids() == "req_019e7044887b00010203040506070809"


def test_ids_sort_by_time() -> None:
    now = 0.0
    ids = RequestIds(lambda: now)
    found = []
    for _ in range(50):
        now += 123.456
        found.append(ids())
    assert found == sorted(found)


def test_no_two_are_alike() -> None:
    ids = RequestIds(lambda: 1.0)
    assert len({ids() for _ in range(1000)}) == 1000
