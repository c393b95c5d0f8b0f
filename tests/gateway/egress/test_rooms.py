"""If these fail, workers together ask more of a deployment than it may have, or a reload forgets who is in."""

from __future__ import annotations

import pytest

from gateway.config.pooling import Queue
from gateway.config.settings import Deployment, Route, Server, Settings
from gateway.egress.rooms import Rooms, terms_of
from tests.gateway.egress.test_room import Clock, Ear


def deployment(**more: object) -> Deployment:
    settings: dict[str, object] = {"zone": "local", "engine": "openai", "base_url": "http://127.0.0.1:9/v1", **more}
    return Deployment(**settings)  # type: ignore[arg-type]


def settings(route: Route, workers: int = 1, **deployments: Deployment) -> Settings:
    return Settings(deployments=deployments, routes={"auto": route}, server=Server(workers=workers))


def rooms(worker: str = "1") -> Rooms:
    return Rooms(worker, Clock(), lambda: 0.5, Ear())


BOTH = Route(small=("a", "b"), balance="least-busy")


def test_only_who_is_counted_or_chosen_by_load_has_a_room() -> None:
    known = rooms()
    plain = Route(small=("a", "b"))
    assert known.of(settings(plain, a=deployment(), b=deployment())) == {}
    assert known.of(settings(plain, a=deployment(concurrent=2), b=deployment())).keys() == {"a"}
    assert known.of(settings(BOTH, a=deployment(), b=deployment(), c=deployment())).keys() == {"a", "b"}


@pytest.mark.parametrize(("seats", "workers"), [(1, 1), (7, 3), (8, 4), (5, 5), (64, 6)])
def test_workers_share_seats_and_queue_to_the_last_one(seats: int, workers: int) -> None:
    one = deployment(concurrent=seats, queue=Queue(length=seats + 1))
    shares = [terms_of(one, workers, number) for number in range(1, workers + 1)]
    assert sum(share.seats or 0 for share in shares) == seats
    assert sum(share.length for share in shares) == seats + 1
    assert all(share.seats for share in shares)


def test_a_reload_keeps_who_is_in() -> None:
    known = rooms()
    before = known.of(settings(BOTH, a=deployment(concurrent=1), b=deployment()))["a"]
    assert before.sit()
    after = known.of(settings(BOTH, a=deployment(concurrent=2), b=deployment()))["a"]
    assert after is before
    assert (after.taken, after.is_full) == (1, False)
    known.of(settings(Route(small=("b",)), a=deployment(), b=deployment()))
    assert before.terms.seats is None  # who waits there still is let in
    again = known.of(settings(BOTH, a=deployment(concurrent=1), b=deployment()))["a"]
    assert again.is_full  # who was in is in still
    again.leave()
    known.of(settings(Route(small=("b",)), a=deployment(), b=deployment()))
    assert known.of(settings(BOTH, a=deployment(), b=deployment()))["a"] is not before  # an empty one is not kept


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({}, True),
        ({"load": "none"}, False),
        ({"zone": "cloud"}, False),
        ({"zone": "eu", "load": "vllm"}, True),
        ({"engine": "embedded", "base_url": None}, False),
    ],
)
async def test_who_is_asked_how_busy_it_is(more: dict[str, object], asked: bool) -> None:
    known = rooms()
    found = known.of(settings(BOTH, a=deployment(**more), b=deployment()))
    assert (found["a"].on_wanted is not None) == asked
    again = known.of(settings(BOTH, a=deployment(**more), b=deployment()))
    assert again["a"].on_wanted == found["a"].on_wanted
    known.of(settings(Route(small=("a",)), a=deployment(concurrent=1, **more), b=deployment()))
    assert found["a"].on_wanted is None
    await known.close()
