"""Whatever is asked, wherever a value stands in it, however it is written, and whatever goes wrong meanwhile: nothing
of it reaches the cloud, a proxy, a log, a metric, the ledger or a journal; and the same request with harmless words in
its place does reach the cloud.

`TIDEGATE_PROOF_CASES=5000` makes it as many cases; see docs/locality.md.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.locality.cases import CASES, PLACES, Case, try_sensitive, try_twin
from tests.locality.forms import FORMS
from tests.locality.needles import Haystack
from tests.locality.plants import KINDS
from tests.locality.world import FAULTS, OK, World

COUNT = int(os.environ.get("TIDEGATE_PROOF_CASES", "100"))


@given(case=CASES)
@settings(
    max_examples=COUNT,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_nothing_of_it_leaves(world: World, case: Case) -> None:
    try_sensitive(world, case)
    try_twin(world, case)


@pytest.mark.parametrize("place", PLACES)
def test_every_place(world: World, place: str) -> None:
    number = PLACES.index(place)
    kind = sorted(KINDS)[number % len(KINDS)]
    case = Case(kind, number, "plain", place, OK, True, number % 2 == 0, "plain", False)
    try_sensitive(world, case)
    try_twin(world, case)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("wire", ["plain", "escaped", "packed"])
def test_every_form(world: World, form: str, wire: str) -> None:
    number = sorted(FORMS).index(form)
    for kind in (sorted(KINDS) * 3)[number : number + 2]:
        case = Case(kind, number, form, "chat: user", OK, True, False, wire, False)
        try_sensitive(world, case)
        try_twin(world, case)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_every_fault(world: World, fault: str, first: bool, stream: bool) -> None:
    case = Case("card", FAULTS.index(fault), "plain", "chat: user", fault, first, stream, "plain", True)
    try_sensitive(world, case)
    try_twin(world, case)


def test_and_it_has_left_no_trace(world: World) -> None:
    """Runs last in this file: of all that was asked before."""
    world.assert_nothing_got_out()
    assert world.gateway.run("report")  # and the books were kept


def test_the_traces_are_those_that_there_are(world: World) -> None:
    """What is searched holds what it should: the name of a route stands in the log, the metrics and the books."""
    name = Haystack()
    name.add_needles({b"first-text-ok"}, "a route")
    found = {trace for trace, data in world.traces() if name.found_in(data)}
    assert {"the log", "the metrics", "the file tidegate.db"} <= found
