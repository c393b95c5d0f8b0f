"""If these fail, a call is made that nobody wrote down, or is written down twice."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.accounting.fault import JournalUnavailable
from gateway.accounting.prices import PriceBook
from gateway.accounting.record import Declined, Outcome, Role
from gateway.accounting.sharing import Machine
from gateway.accounting.usage import Usage
from gateway.config.price import DatedPrices, Price, TokenPrice
from gateway.config.settings import Deployment
from gateway.config.shape import settings_of
from gateway.egress.guard import LocalityRefused
from gateway.pipeline.admit import admit
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.decide import decide
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Clocks, Parts
from gateway.wire.errors import (
    GatewayError,
    TooManyRequests,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamTimedOut,
)
from gateway.wire.json import serialise
from router.clearance import LOCAL
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, DEVELOPER, House, call, deployment, read
from tests.servers.upstream import Upstreams


async def begun(house: House, text: str = "Hi", model: str = "cloud") -> Exchange:
    exchange = admit(house.pipeline.parts, call(text, model), DEVELOPER)
    await decide(house.pipeline.parts, exchange)
    return exchange


def attempt(house: House, exchange: Exchange, name: str = "large", role: Role = "answer") -> Attempt:
    return Attempt(house.pipeline.parts, exchange, house.pipeline.parts.targets["cloud"][name], role)


async def test_the_intent_is_written_before_the_permit_is_given(house: House) -> None:
    permit, body = await attempt(house, await begun(house)).begin(serialise)
    assert json.loads(body)["model"] == "cloud"
    (intent,) = house.intents()
    assert (permit.target.name, intent.deployment, intent.key, intent.team) == ("large", "large", "dev", "lab")
    assert house.settlements() == []


async def test_the_guard_is_asked_whatever_the_plan_said(house: House) -> None:
    exchange = await begun(house, CARD)
    assert exchange.decision is not None
    assert exchange.decision.clearance == LOCAL
    with pytest.raises(LocalityRefused):
        await attempt(house, exchange).begin(serialise)
    (refusal,) = house.records()
    assert isinstance(refusal, Declined)
    assert (refusal.outcome, refusal.intent.deployment, refusal.intent.zone) == ("refused", "large", "cloud")
    assert (refusal.intent.clearance, refusal.intent.findings) == ("local", {"CREDIT_CARD": 1})
    assert house.counted("tidegate_guard_refusals_total", deployment="large", zone="cloud") == 1


async def test_it_is_settled_exactly_once_however_often_it_ends(house: House) -> None:
    one = attempt(house, await begun(house))
    await one.begin(serialise)
    cost = one.settle("ok", Usage(1_000_000, 100_000))
    assert cost == Decimal("3.50")
    one.settle("cancelled", Usage(1, 1))
    one.failed(UpstreamFailed("It broke."))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.cost, settlement.counterfactual) == ("ok", cost, cost)
    assert house.counted("tidegate_cost_dollars_total") == 3.5


async def test_an_answer_at_home_is_compared_with_the_routes_large_model(house: House) -> None:
    one = attempt(house, await begun(house), "small")
    await one.begin(serialise)
    assert one.settle("ok", Usage(1_000_000, 0)) == 0
    assert house.settlements()[0].counterfactual == Decimal("2.50")


async def test_what_the_client_is_not_given_costs_and_saves_nothing(house: House) -> None:
    exchange = await begun(house)
    roles: tuple[Role, ...] = ("shadow", "judge")
    for role in roles:
        one = attempt(house, exchange, role=role)
        await one.begin(serialise)
        assert one.settle("ok", Usage(1_000_000, 0)) == Decimal("2.50")
    assert [intent.role for intent in house.intents()] == list(roles)
    assert [one.intent.role for one in house.settlements()] == list(roles)
    assert [one.cost for one in house.settlements()] == [Decimal("2.50")] * 2
    assert [one.counterfactual for one in house.settlements()] == [Decimal(0)] * 2
    assert house.counted("tidegate_overspent_dollars_total") == 5
    assert house.counted("tidegate_saved_dollars_total") == 0


async def test_an_answer_that_is_set_aside_was_meant_for_the_client(house: House) -> None:
    """What went where stands in the audit as it was decided; what came of it, in the ledger."""
    exchange = await begun(house)
    first, second = attempt(house, exchange, "small"), attempt(house, exchange)
    await first.begin(serialise)
    first.set_aside()
    first.settle("ok", Usage(1_000_000, 0))
    await second.begin(serialise)
    second.settle("ok", Usage(1_000_000, 0))
    assert [intent.role for intent in house.intents()] == ["answer", "answer"]
    set_aside, delivered = house.settlements()
    assert (set_aside.intent.role, delivered.intent.role) == ("cascade", "answer")
    assert (set_aside.counterfactual, delivered.counterfactual) == (Decimal(0), Decimal("2.50"))


async def test_an_answer_cannot_be_set_aside_once_it_is_settled(house: House) -> None:
    one = attempt(house, await begun(house))
    with pytest.raises(AssertionError):
        one.set_aside()
    await one.begin(serialise)
    one.settle("ok", Usage(1, 1))
    with pytest.raises(AssertionError):
        one.set_aside()


async def test_a_refusal_by_the_guard_says_what_it_was_for(house: House) -> None:
    exchange = await begun(house, CARD)
    with pytest.raises(LocalityRefused):
        await attempt(house, exchange, role="judge").begin(serialise)
    (refusal,) = house.records()
    assert isinstance(refusal, Declined)
    assert refusal.intent.role == "judge"


@pytest.mark.parametrize(
    ("error", "known"),
    [
        (UpstreamRefused("No."), True),
        (TooManyRequests("Later."), True),
        (UpstreamFailed("It broke."), False),
        (UpstreamTimedOut("Nothing came."), False),
    ],
)
async def test_an_unknown_cost_is_null_and_never_nothing(house: House, error: GatewayError, known: bool) -> None:
    one = attempt(house, await begun(house))
    await one.begin(serialise)
    one.failed(error)
    (settlement,) = house.settlements()
    assert (settlement.status, settlement.cost) == (error.status, 0 if known else None)
    assert house.counted("tidegate_cost_unknown_total", deployment="large") == (not known)


async def test_what_could_not_be_written_down_is_not_settled_and_has_cost_what_it_has_cost(house: House) -> None:
    one = attempt(house, await begun(house))
    await one.begin(serialise)
    house.gateway.journal.close()
    with pytest.raises(JournalUnavailable):
        one.settle("ok", Usage(1_000_000, 0))
    assert not one.is_settled
    assert house.counted("tidegate_cost_dollars_total") == 0
    house.gateway.journal.rotate()  # there is room again
    one.refused(status=503)  # the client got no answer
    one.settle("cancelled", Usage(1, 1))
    (settlement,) = house.settlements()
    assert (settlement.outcome, settlement.status, settlement.cost) == ("error", 503, Decimal("2.50"))
    assert settlement.usage == Usage(1_000_000, 0)
    assert house.counted("tidegate_cost_dollars_total") == 2.5


ENDS: tuple[Outcome, ...] = ("ok", "cut")


async def test_a_full_disk_is_not_held_against_the_deployment(house: House) -> None:
    for _ in range(5):
        one = attempt(house, await begun(house))
        await one.begin(serialise)
        house.gateway.journal.close()
        for outcome in ENDS:
            with pytest.raises(JournalUnavailable):
                one.settle(outcome, Usage(1, 1))
        house.gateway.journal.rotate()
    assert house.pipeline.parts.fleet.view()["large"].up


async def test_a_refusal_of_the_request_is_not_held_against_the_deployment(house: House) -> None:
    for _ in range(5):
        one = attempt(house, await begun(house))
        await one.begin(serialise)
        one.refused(status=400)
    assert house.pipeline.parts.fleet.view()["large"].up


@pytest.mark.parametrize(
    ("error", "name", "up"),
    [
        (UpstreamTimedOut("Nothing came."), "small", True),
        (UpstreamTimedOut("Nothing came."), "large", False),
        (UpstreamFailed("It broke."), "small", False),
    ],
)
async def test_a_model_at_home_that_is_being_loaded_is_not_dead(
    house: House, error: GatewayError, name: str, up: bool
) -> None:
    """It took the request, and says nothing. A service away from home that does so is."""
    for _ in range(5):
        one = attempt(house, await begun(house), name)
        await one.begin(serialise)
        one.failed(error)
    assert house.pipeline.parts.fleet.view()[name].up == up
    assert house.counted("tidegate_deployment_up", deployment=name) == up


async def test_attempts_of_one_request_have_names_of_their_own(house: House) -> None:
    exchange = await begun(house)
    assert [attempt(house, exchange).id for _ in range(3)] == ["req_1-1", "req_1-2", "req_1-3"]


async def test_nothing_of_the_content_is_in_the_books(house: House) -> None:
    exchange = await begun(house, CARD)
    one = attempt(house, exchange, "small")
    await one.begin(serialise)
    one.settle("ok", Usage(1, 1))
    raw = b"".join(file.read_bytes() for file in (house.directory / ".tidegate" / "journal").glob("*.journal"))
    assert b"4970" not in raw
    assert sum(house.intents()[0].findings.values()) >= 1


HOUR = {"machine": {"per_hour": 3600}}  # a dollar a second


class Time:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def timed(open_house: OpenHouse, upstreams: Upstreams) -> tuple[House, Parts, Time]:
    """A house with a machine at home at a dollar a second, and its parts with a clock of their own."""
    small = deployment(upstreams.local, "local", price=HOUR)
    house = open_house(deployments={"small": small, "large": deployment(upstreams.cloud, "cloud")})
    clock = Time()
    parts = replace(house.pipeline.parts, clocks=Clocks(clock, clock), machines={"small": Machine(clock)})
    return house, parts, clock


async def test_what_a_machine_works_on_at_once_shares_its_time(timed: tuple[House, Parts, Time]) -> None:
    house, parts, clock = timed
    exchange = await begun(house)
    small = parts.targets["cloud"]["small"]
    first, second = Attempt(parts, exchange, small), Attempt(parts, exchange, small)
    await first.begin(serialise)
    clock.now += 1
    await second.begin(serialise)
    clock.now += 2
    assert first.settle("ok", Usage(1, 1)) == 2  # 1 s alone, half of 2 s
    clock.now += 1
    assert second.settle("cut", Usage(1, 1)) == 2
    assert not parts.machines["small"].is_busy


@pytest.mark.parametrize("end", ["failed", "refused", "unwritten"])
async def test_whoever_has_left_a_machine_is_charged_to_nobody_else(timed: tuple[House, Parts, Time], end: str) -> None:
    house, parts, clock = timed
    small = parts.targets["cloud"]["small"]
    exchange = await begun(house)
    gone, there = Attempt(parts, exchange, small), Attempt(parts, exchange, small)
    await gone.begin(serialise)
    await there.begin(serialise)
    if end == "failed":
        gone.failed(UpstreamFailed("It broke."))
    elif end == "refused":
        gone.refused(status=400)
    else:
        house.gateway.journal.close()
        with pytest.raises(JournalUnavailable):
            gone.settle("ok", Usage(1, 1))
        house.gateway.journal.rotate()
    clock.now += 3
    assert there.settle("ok", Usage(1, 1)) == 3


async def test_the_price_is_the_one_in_force_when_it_began(timed: tuple[House, Parts, Time]) -> None:
    house, parts, clock = timed
    dear = {"large": Price(tokens=TokenPrice(input=Decimal(9), output=Decimal(9)))}
    lists = (DatedPrices(clock.now + 1, "later.yaml", dear, {}),)
    book = PriceBook({"large": settings_of(Deployment, house.configuration["deployments"]["large"])}, None, lists)
    parts = replace(parts, prices=book)
    exchange = await begun(house)
    large = parts.targets["cloud"]["large"]
    before = Attempt(parts, exchange, large)
    await before.begin(serialise)
    clock.now += 1
    after = Attempt(parts, exchange, large)
    await after.begin(serialise)
    assert before.settle("ok", Usage(1_000_000, 0)) == Decimal("2.50")
    assert after.settle("ok", Usage(1_000_000, 0)) == 9
    assert [one.counterfactual for one in house.settlements()] == [Decimal("2.50"), 9]


ALONE = {"away": {"large": ["large"]}}
FAULTS = ["ok", "usage_missing", "cut:3:rst", "stall:3", "error_frame:0", "invalid_sse", "hang_first", "garbage_json"]


@pytest.mark.parametrize("streamed", [False, True])
async def test_however_a_call_ends_nobody_is_left_at_the_machine(
    open_house: OpenHouse, upstreams: Upstreams, streamed: bool
) -> None:
    house = open_house(deployments={"large": deployment(upstreams.local, "local", price=HOUR)}, routes=ALONE, keys=[])
    for fault in FAULTS:
        upstreams.local.next(fault)
        with suppress(GatewayError):
            await read(await house.ask(call(model="away", stream=streamed)))
    upstreams.local.next("stall:4")
    reply = await house.ask(call(model="away", stream=True))
    assert house.pipeline.parts.machines["large"].is_busy
    assert reply.stream is not None
    reply.stream.close()  # the client goes away
    assert not house.pipeline.parts.machines["large"].is_busy
