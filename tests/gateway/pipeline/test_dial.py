"""If these fail, a dial turns something else than was asked for, is not obeyed, or hears of what it had no say in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.config.dialtables import table_file
from gateway.dials.dials import RouteDials
from gateway.pipeline.admit import admit
from gateway.pipeline.decide import INLINE_BYTES, decide
from gateway.pipeline.exchange import Exchange
from gateway.wire.call import Call
from gateway.wire.errors import BadRequest, Forbidden, ModelNotFound
from router.calibration.table import shipped_table
from router.clearance import ANY, LOCAL
from router.steering import STEP
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, DEVELOPER, EASY, House, call, header
from tests.harness.heads import write_head
from tests.harness.prompts import HARD_PROOF

BOTH = {"small": ["small"], "large": ["large"]}
ROUTES: dict[str, Any] = {
    "auto": BOTH,
    "auto:0.5": BOTH,
    "dial": {**BOTH, "dial": {"share": 0.3}},
    "free": {**BOTH, "dial": {"share": 0.3, "callers": "any"}},
    "shut": {**BOTH, "dial": {"share": 0.3, "callers": "none"}},
    "cloud": {**BOTH, "prefer": "large"},
    "home": {"small": ["small"]},
    "embed": {"embeddings": ["small"]},
}


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    return open_house(routes=ROUTES, keys=[])


async def decided(house: House, request: Call, principal: Principal = DEVELOPER) -> Exchange:
    exchange = admit(house.pipeline.parts, request, principal)
    exchange.decision = await decide(house.pipeline.parts, exchange)
    return exchange


def refused(house: House, request: Call) -> tuple[str | None, str | None]:
    with pytest.raises(BadRequest) as caught:
        admit(house.pipeline.parts, request, DEVELOPER)
    assert caught.value.status == 400
    return caught.value.code, caught.value.param


def with_dial(text: str, model: str = "auto", prompt: str = EASY) -> Call:
    return call(prompt, model, headers={"x-tidegate-dial": text})


async def test_without_a_dial_nothing_is_said_of_one(house: House) -> None:
    exchange = await decided(house, call(EASY))
    assert exchange.knob is None
    assert exchange.receipt.dial == ""
    assert house.counted("tidegate_dialled_total") == 0


async def test_the_receipt_says_the_dial_in_force(house: House) -> None:
    asked = await decided(house, with_dial("threshold=0.99", prompt=HARD_PROOF))
    assert asked.receipt.dial == "threshold=0.99; threshold=0.9900; by=caller"
    assert asked.receipt.reasons[-1].code == "easy"
    own = await decided(house, call(EASY, "dial"))
    assert own.receipt.dial.startswith("share=0.3; threshold=0.")
    assert own.receipt.dial.endswith("; by=route")
    reply = await house.ask(call(EASY, "dial"))
    assert str(header(reply, "x-tidegate-dial")).startswith("share=0.3; ")


@pytest.mark.parametrize("model", ["auto:threshold=0.99", "auto:share=0", "auto:0"])
async def test_a_name_with_a_dial_behind_it_is_its_route(house: House, model: str) -> None:
    exchange = await decided(house, call(HARD_PROOF, model))
    assert exchange.route.name == exchange.receipt.route == "auto"
    assert exchange.decision is not None
    assert exchange.decision.candidates[0] == "small"


async def test_a_route_of_that_name_wins(house: House) -> None:
    exchange = await decided(house, call(EASY, "auto:0.5"))
    assert (exchange.route.name, exchange.knob) == ("auto:0.5", None)
    assert (await decided(house, call(EASY, "auto:0.5:0.1"))).route.name == "auto:0.5"


async def test_a_key_needs_the_route_whatever_stands_behind_its_name(house: House) -> None:
    with pytest.raises(Forbidden):
        admit(house.pipeline.parts, call(model="auto:0.8"), Principal("few", None, frozenset({"home"}), ANY))


@pytest.mark.parametrize("model", ["auto:latest", "auto:27b", "nobody:0.8", "auto:"])
async def test_other_names_are_not_there(house: House, model: str) -> None:
    with pytest.raises(ModelNotFound):
        admit(house.pipeline.parts, call(model=model), DEVELOPER)


@pytest.mark.parametrize("text", ["", "much", "share=1.1", "80%", "0,8"])
async def test_what_is_no_dial_is_refused(house: House, text: str) -> None:
    assert refused(house, with_dial(text)) == ("invalid_dial", "x-tidegate-dial")
    if text not in ("", "much"):
        assert refused(house, call(model=f"auto:{text}")) == ("invalid_dial", "x-tidegate-dial")


async def test_two_dials_are_one_too_many(house: House) -> None:
    assert refused(house, with_dial("0.1", "auto:0.2"))[0] == "invalid_dial"


@pytest.mark.parametrize("model", ["cloud", "home"])
async def test_where_there_is_no_choice_there_is_no_dial(house: House, model: str) -> None:
    assert refused(house, with_dial("0.1", model))[0] == "dial_not_served"


@pytest.mark.parametrize("text", ["quality=0.9", "cost=1"])
async def test_what_nobody_has_measured_is_refused(house: House, text: str) -> None:
    assert refused(house, with_dial(text))[0] == "dial_not_calibrated"


async def test_callers_get_no_more_than_the_operator_gives(house: House) -> None:
    assert refused(house, with_dial("0.1", "shut"))[0] == "dial_not_allowed"
    more = await decided(house, with_dial("threshold=0", "dial"))
    assert more.knob is not None
    assert more.knob.by == "route"
    assert more.decision is not None
    assert more.decision.candidates[0] == "small"
    free = await decided(house, with_dial("threshold=0", "free"))
    assert free.decision is not None
    assert free.decision.candidates[0] == "large"


async def test_no_dial_sends_out_what_has_to_stay(house: House) -> None:
    exchange = await decided(house, with_dial("threshold=0", "free", CARD))
    assert exchange.decision is not None
    assert exchange.decision.clearance.is_local
    assert exchange.decision.candidates == ("small",)


def rank(house: House, route: str = "dial") -> float:
    knob = house.pipeline.parts.dials[route].default
    assert knob is not None
    assert knob.steering is not None
    return knob.steering.rank


@pytest.mark.parametrize("size", [0, INLINE_BYTES + 1])
async def test_the_dial_hears_of_each_request_once(house: House, size: int) -> None:
    """Be it read on the event loop or in a thread."""
    before = rank(house)
    request = call(EASY, "dial")
    request.size = size
    reply = await house.ask(request)
    assert reply.over is not None
    reply.over()
    assert rank(house) == pytest.approx(before - STEP * 0.3)
    assert house.counted("tidegate_dialled_total", route="dial", went="small") == 1


@pytest.mark.parametrize(("text", "principal"), [(CARD, DEVELOPER), (EASY, Principal("homely", None, None, LOCAL))])
async def test_of_what_has_to_stay_it_hears_nothing(house: House, text: str, principal: Principal) -> None:
    before = rank(house)
    await decided(house, call(text, "dial"), principal)
    assert rank(house) == before


async def test_of_what_no_model_was_up_for_it_hears_nothing(house: House) -> None:
    for _ in range(10):
        house.pipeline.parts.fleet.failed("large")
    before = rank(house)
    await decided(house, call(EASY, "dial"))
    await decided(house, call(HARD_PROOF, "dial"))
    assert rank(house) == before


async def test_a_callers_dial_hears_for_itself(house: House) -> None:
    before = rank(house)
    exchange = await decided(house, with_dial("0.01", "dial"))
    assert exchange.knob is not None
    assert exchange.knob.by == "caller"
    assert rank(house) == before


async def test_many_requests_of_a_kind_are_shared_out(house: House) -> None:
    """Two hundred times the same prompt: no threshold divides them, but the dial does."""
    went = [(await decided(house, call(EASY, "dial"))).decision for _ in range(200)]
    large = sum(decision is not None and decision.candidates[0] == "large" for decision in went)
    assert 40 <= large <= 80


async def test_a_reload_keeps_what_was_learned(house: House) -> None:
    for _ in range(5):
        await decided(house, call(EASY, "dial"))
    before = rank(house)
    retired = house.gateway.adopt(house.snapshot({**house.configuration, "log": {"requests": True}}, 2))
    assert rank(house) == before
    await house.gateway.retire(retired)


async def test_a_head_that_was_promoted_meanwhile_makes_the_calibration_stale(open_house: OpenHouse) -> None:
    """The parent has the same configuration taken over once more; its thresholds were of another scale."""
    house = open_house(routes=ROUTES, keys=[])
    replace(shipped_table(), rows=1).save(table_file(house.directory / ".tidegate", "dial"))
    first = house.gateway.adopt(house.snapshot(house.configuration, 2))
    assert not house.pipeline.parts.dials["dial"].key.endswith("-stale")
    write_head(house.directory / ".tidegate" / "heads" / "small" / "champion", 1.0)
    second = house.gateway.adopt(house.snapshot(house.configuration, 3))
    assert house.pipeline.parts.dials["dial"].key.endswith("-stale")
    assert (await decided(house, call(EASY, "dial"))).receipt.dial.startswith("share=0.3; ")
    for generation in (first, second):
        await house.gateway.retire(generation)


async def test_what_answers_cost_is_heard(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, Decimal]] = []
    monkeypatch.setattr(RouteDials, "spent", lambda _dials, deployment, cost: heard.append((deployment, cost)))
    await house.ask(call(EASY))
    await house.ask(call(EASY, "home"))
    (settlement, _) = house.settlements()
    assert heard == [("small", settlement.cost)]


async def test_answers_are_not_shared_between_dials(open_house: OpenHouse) -> None:
    house = open_house(routes=ROUTES, keys=[], cache={"enabled": True})
    asked = [call(HARD_PROOF), with_dial("threshold=0.99", prompt=HARD_PROOF), with_dial("share=0", prompt=HARD_PROOF)]
    for request in asked:
        assert header(await house.ask(request), "x-tidegate-cache") == "miss"
    await house.pipeline.parts.background.drained()
    for request, deployment in zip(asked, ("large", "small", "small"), strict=True):
        reply = await house.ask(request)
        assert header(reply, "x-tidegate-cache") == "hit"
        assert header(reply, "x-tidegate-deployment") == deployment
    same = await house.ask(with_dial("threshold=0.990", prompt=HARD_PROOF))
    assert header(same, "x-tidegate-cache") == "hit"
