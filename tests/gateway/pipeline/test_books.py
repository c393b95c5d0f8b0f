"""If these fail, a decision that came to nothing leaves no trace, or a full disk goes unnoticed."""

from __future__ import annotations

import pytest

from gateway.accounting.fault import JournalUnavailable
from gateway.accounting.record import Refusal
from gateway.pipeline.admit import admit
from gateway.pipeline.books import decline, intent_of
from gateway.pipeline.decide import decide
from gateway.pipeline.exchange import Exchange
from router.sensitivity.found import ENOUGH
from tests.gateway.house import CARD, DEVELOPER, House, call


async def decided(house: House) -> Exchange:
    exchange = admit(house.pipeline.parts, call(CARD, "cloud"), DEVELOPER)
    await decide(house.pipeline.parts, exchange)
    return exchange


async def test_it_says_where_not_everything_was_counted(house: House) -> None:
    exchange = admit(house.pipeline.parts, call(" ".join([CARD] * 40), "cloud"), DEVELOPER)
    await decide(house.pipeline.parts, exchange)
    decline(house.pipeline.parts, exchange, "no_deployment")
    (declined,) = house.declined()
    counted = declined.intent.findings["CREDIT_CARD"]
    assert ENOUGH <= counted < 40
    assert declined.intent.more
    assert str(exchange.receipt.reasons[0]) == f"sensitive(at least CREDIT_CARD:{counted})"


@pytest.mark.parametrize("outcome", ["no_deployment", "blocked"])
async def test_a_decision_after_which_nothing_is_sent_is_written_down(house: House, outcome: Refusal) -> None:
    exchange = await decided(house)
    decline(house.pipeline.parts, exchange, outcome)
    (declined,) = house.declined()
    intent = declined.intent
    assert (declined.outcome, intent.deployment, intent.zone, intent.model) == (outcome, "", "", "")
    assert (intent.key, intent.team, intent.route, intent.clearance) == ("dev", "lab", "cloud", "local")
    assert (intent.findings, intent.reason) == ({"CREDIT_CARD": 1}, "sensitive")
    assert not intent.more
    assert house.intents() == []


async def test_tags_are_written_down_in_order(house: House) -> None:
    exchange = admit(house.pipeline.parts, call(headers={"x-tidegate-tags": "eval, Batch, ad-hoc"}), DEVELOPER)
    await decide(house.pipeline.parts, exchange)
    assert intent_of(house.pipeline.parts, exchange, "a1", None).tags == ("ad-hoc", "batch", "eval")
    assert intent_of(house.pipeline.parts, await decided(house), "a2", None).tags == ()


async def test_it_holds_nothing_of_what_was_said(house: House) -> None:
    exchange = await decided(house)
    decline(house.pipeline.parts, exchange, "no_deployment")
    raw = b"".join(file.read_bytes() for file in (house.directory / ".tidegate" / "journal").glob("*.journal"))
    assert b"4970" not in raw
    assert b"CARD" in raw


async def test_without_a_journal_the_client_hears_of_it_and_it_is_counted(house: House) -> None:
    exchange = await decided(house)
    house.gateway.journal.close()
    with pytest.raises(JournalUnavailable):
        decline(house.pipeline.parts, exchange, "no_deployment")
    assert house.counted("tidegate_journal_faults_total") == 1


async def test_an_intent_names_the_deployment_that_is_asked(house: House) -> None:
    exchange = await decided(house)
    target = house.pipeline.parts.targets["cloud"]["small"]
    intent = intent_of(house.pipeline.parts, exchange, "r-1", target)
    assert (intent.attempt_id, intent.deployment, intent.zone, intent.model) == ("r-1", "small", "local", target.model)
