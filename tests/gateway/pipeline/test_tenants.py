"""No tenant gets another's answer: whatever they are called, or others were before; whatever is purged or rotated.

The real pipeline is compared with a dictionary that says who may share what. It goes both ways: who may have an answer
again gets it.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import replace
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.access.principal import Principal
from gateway.cache.purges import name_of
from gateway.stores.eras import EVERYTHING
from router.clearance import ANY, LOCAL
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, House, call, header
from tests.gateway.pipeline.caches import SECRET, kept
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

SCOPES: Final = {"own": "key", "own2": "key", "theirs": "team", "all": "global"}  # by route
RULES: Final = [{"name": "blue", "when": {"tags": ["blue"]}, "use": "small"}]
ROUTES: Final = {
    name: {"small": ["small"], "rules": RULES, "cache": {"scope": scope}} for name, scope in SCOPES.items()
}
NAMES: Final = ("a", "b", "team:a", "a:", "a:1.5", "global")  # as if they wanted to be somebody else
MARKS: Final = ("", "region=eu")
LABELS: Final = ("", "secret")
TEXTS: Final = ("x", "y", CARD)
TAGS: Final = (frozenset[str](), frozenset({"blue"}), frozenset({"red"}))
askers = st.builds(
    Principal,
    name=st.sampled_from(NAMES),
    team=st.sampled_from([None, *NAMES]),
    routes=st.none(),
    clearance=st.sampled_from([ANY, ANY, LOCAL]),
    mark=st.sampled_from(MARKS),
    origin=st.sampled_from(["", "1.5"]),
    team_origin=st.sampled_from(["", "1.5"]),
)


class Asked(NamedTuple):
    """By somebody, of a route."""

    by: Principal
    route: str
    text: str
    label: str
    tags: frozenset[str]


class Purged(NamedTuple):
    name: str


class Rotated(NamedTuple):
    """The key that sensitive answers are encrypted with."""


asked = st.builds(
    Asked,
    by=askers,
    route=st.sampled_from(list(SCOPES)),
    text=st.sampled_from(TEXTS),
    label=st.sampled_from(LABELS),
    tags=st.sampled_from(TAGS),
)
purged = st.builds(
    Purged,
    st.one_of(
        st.just(EVERYTHING),
        st.sampled_from([name_of("route", name) for name in SCOPES]),
        st.sampled_from([name_of("key", name) for name in NAMES]),
        st.sampled_from([name_of("team", name) for name in NAMES]),
        st.sampled_from([name_of("tag", name) for name in ("blue", "red")]),
    ),
)
variations = st.one_of(
    st.tuples(st.just("name"), st.sampled_from(NAMES)),
    st.tuples(st.just("team"), st.sampled_from([None, *NAMES])),
    st.tuples(st.just("clearance"), st.sampled_from([ANY, LOCAL])),
    st.tuples(st.sampled_from(["origin", "team_origin"]), st.sampled_from(["", "1.5"])),
    st.tuples(st.just("mark"), st.sampled_from(MARKS)),
    st.tuples(st.just("route"), st.sampled_from(list(SCOPES))),
    st.tuples(st.just("text"), st.sampled_from(TEXTS)),
    st.tuples(st.just("label"), st.sampled_from(LABELS)),
    st.tuples(st.just("tags"), st.sampled_from(TAGS)),
)


def twin(said: Asked, variation: tuple[str, Any]) -> Asked:
    """The same but for one thing."""
    name, value = variation
    if name in Asked._fields:
        return said._replace(**{name: value})
    return said._replace(by=replace(said.by, **{name: value}))


# Who could be taken for one another: somebody, and others who are the same but for one thing, and ask again.
families = st.builds(lambda said, others: [said, *(twin(said, other) for other in others)], asked, st.lists(variations))
days = families.flatmap(
    lambda family: st.lists(
        st.one_of(*[st.sampled_from(family)] * 6, purged, st.just(Rotated())), min_size=5, max_size=25
    )
)


def may_share(said: Asked) -> Hashable:
    """Two requests that have this in common may have one answer; None: nobody may have it again."""
    by, scope = said.by, SCOPES[said.route]
    sensitive = said.text == CARD or by.clearance == LOCAL or said.label == "secret"
    if sensitive and scope != "key":
        return None
    tenant: Hashable = (by.name, by.origin)
    if scope == "team" and by.team is not None:
        tenant = ("of the team", by.team, by.team_origin)
    elif scope == "global":
        tenant = "everybody"
    return said.route, said.text, said.label, tenant, str(by.clearance), by.mark, "blue" in said.tags


def purges_it(name: str, said: Asked) -> bool:
    """Whether a purge concerns what that request brought."""
    names = {EVERYTHING, f"route:{said.route}", f"key:{said.by.name}", *(f"tag:{tag}" for tag in said.tags)}
    return name in names or name == f"team:{said.by.team}"


class Day:
    """What one gateway is asked, and what it may give again."""

    def __init__(self, house: House, number: int) -> None:
        self._house = house
        self._day = number  # each has questions of its own
        self._may: dict[Hashable, tuple[str, Asked]] = {}

    async def happens(self, what: Asked | Purged | Rotated) -> None:
        if isinstance(what, Asked):
            await self._ask(what)
        elif isinstance(what, Purged):
            purges = self._house.gateway.current.purges
            assert purges is not None
            await purges.purge([what.name])
            self._may = {key: kept for key, kept in self._may.items() if not purges_it(what.name, kept[1])}
        else:
            await rotate(self._house)

    async def _ask(self, said: Asked) -> None:
        headers = {"x-tidegate-label": said.label} if said.label else {}
        request = call(f"{said.text} ({self._day})", said.route, headers=headers)
        reply = await kept(self._house, request, replace(said.by, tags=said.tags))
        answer, key = json.loads(reply.body)["id"], may_share(said)
        if key in self._may:
            assert (header(reply, "x-tidegate-cache"), answer) == ("hit", self._may[key][0])
            return
        assert header(reply, "x-tidegate-cache") == "miss"
        assert answer not in [one for one, _ in self._may.values()]
        if key is not None:
            self._may[key] = (answer, said)


async def rotate(house: House) -> None:
    cache = house.configuration["cache"]
    # All of a day are kept: what was sealed at its beginning opens at its end.
    newer = {**cache, "key": cache["key"] + "+", "former_keys": [cache["key"], *cache["former_keys"]][:30]}
    house.configuration = {**house.configuration, "cache": newer}
    number = house.gateway.current.number + 1
    await house.gateway.retire(house.gateway.adopt(house.snapshot(house.configuration, number)))


@pytest.fixture(params=["memory", "redis"])
async def house(request: pytest.FixtureRequest, open_house: OpenHouse, upstreams: Upstreams) -> House:
    changes: dict[str, Any] = {}
    if request.param == "redis":
        server = request.getfixturevalue("valkey")
        assert isinstance(server, ValkeyServer)
        changes["redis"] = {"url": server.url, "timeout": 30}
    made = open_house(
        routes=ROUTES,
        keys=[],
        cache={"enabled": True, "sensitive": "encrypted", "key": SECRET, "former_keys": []},
        policy={"rules": [{"labels": ["secret"], "action": "local"}]},
        **changes,
    )
    purges = made.gateway.current.purges
    assert purges is not None
    await purges.refresh()
    purges.start()
    return made


_days = iter(range(1_000_000_000))


# Without shrinking, which takes minutes with a gateway in between: a day is short enough to be read.
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(day=days)
async def test_who_gets_which_answer(house: House, day: list[Asked | Purged | Rotated]) -> None:
    today = Day(house, next(_days))
    for what in day:
        await today.happens(what)
