"""If these fail, a prompt is sent on unread because it was long, or a receipt says what was not decided."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from gateway.accounting.usage import estimated_usage
from gateway.dialects.openai_completions import call_of
from gateway.pipeline.admit import admit
from gateway.pipeline.decide import INLINE_BYTES, decide, masking_of
from gateway.pipeline.parts import Parts
from gateway.wire.errors import Blocked, Unsupported
from gateway.wire.http import Request
from router.clearance import LOCAL
from router.content import Content
from router.router import Scans
from router.sensitivity.finding import Scan
from router.sensitivity.settles import NOTHING_SETTLES, Settles
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, DEVELOPER, EASY, House, call, settings
from tests.servers.upstream import Upstreams

FILLER = "The quick brown fox jumps over the lazy dog. " * (INLINE_BYTES // 40)


class Watched:
    """Scans as another does, and notes whether that is on the event loop."""

    def __init__(self, scanner: Scans) -> None:
        self._scanner = scanner
        self.on_the_loop: list[bool] = []

    def scan(self, content: Content, settles: Settles = NOTHING_SETTLES) -> Scan:
        self.on_the_loop.append(threading.current_thread() is threading.main_thread())
        return self._scanner.scan(content, settles)


def watched(parts: Parts) -> tuple[Parts, list[bool]]:
    """The same parts, and a list that says of each reading whether it was on the event loop."""
    scanner = Watched(parts.router.scanner)
    return replace(parts, router=replace(parts.router, scanner=scanner)), scanner.on_the_loop


@pytest.mark.parametrize(("text", "inline"), [("Hi", True), (FILLER, False)])
async def test_large_prompts_are_read_in_a_thread_of_their_own(house: House, text: str, inline: bool) -> None:
    parts, seen = watched(house.pipeline.parts)
    request = call(text)
    request.size = len(text)
    await decide(parts, admit(parts, request, DEVELOPER))
    assert seen == [inline]


@pytest.mark.parametrize("waits", [False, True])
async def test_what_a_plug_in_reads_is_never_waited_for_on_the_event_loop(house: House, waits: bool) -> None:
    """Neither for a decision nor for the masks of an answer that is there already."""
    parts, seen = watched(replace(house.pipeline.parts, scan_waits=waits))
    exchange = admit(parts, call("Hi"), DEVELOPER)
    await decide(parts, exchange)
    await masking_of(parts, exchange)
    assert seen == [not waits] * 2


@pytest.mark.parametrize("place", [0, len(FILLER) // 2, len(FILLER)])
async def test_wherever_a_card_number_stands_in_a_large_prompt_it_is_found(house: House, place: int) -> None:
    request = call(f"{FILLER[:place]} {CARD} {FILLER[place:]}", "cloud")
    request.size = INLINE_BYTES * 2
    exchange = admit(house.pipeline.parts, request, DEVELOPER)
    decision = await decide(house.pipeline.parts, exchange)
    assert decision.clearance.is_local
    assert "large" not in decision.candidates
    assert exchange.receipt.clearance == decision.clearance


async def test_tokens_that_cannot_be_read_stay_at_home_and_are_counted(house: House) -> None:
    body = {"model": "cloud", "prompt": [101, 102, 103]}
    request = call_of(Request("POST", "/v1/completions", {}, json.dumps(body).encode(), "r"))
    exchange = admit(house.pipeline.parts, request, DEVELOPER)
    decision = await decide(house.pipeline.parts, exchange)
    assert decision.clearance.is_local
    assert str(decision.reasons[0]) == "unreadable(tokens:1)"
    assert estimated_usage(exchange.characters, 0).prompt_tokens >= 3


@pytest.mark.parametrize("size", [0, INLINE_BYTES + 1])
async def test_what_no_deployment_can_do_names_its_parameter(
    open_house: OpenHouse, upstreams: Upstreams, size: int
) -> None:
    """Within the clearance: the one outside could, and is not asked."""
    deployments = settings(upstreams)["deployments"]
    house = open_house(deployments={**deployments, "small": {**deployments["small"], "tools": False}})
    request = call(CARD, "auto", functions=[{"name": "f"}])
    request.size = size
    exchange = admit(house.pipeline.parts, request, DEVELOPER)
    with pytest.raises(Unsupported) as caught:
        await decide(house.pipeline.parts, exchange)
    assert (caught.value.status, caught.value.param, caught.value.code) == (400, "functions", "unsupported_by_route")
    assert exchange.receipt.clearance == LOCAL
    assert str(exchange.receipt.reasons[-1]) == "capability(tools)"
    assert [(one.outcome, one.intent.reason) for one in house.declined()] == [("no_deployment", "sensitive")]
    assert (await decide(house.pipeline.parts, admit(house.pipeline.parts, call(CARD), DEVELOPER))).candidates


async def test_what_a_policy_refuses_is_told_by_type_and_count(open_house: OpenHouse) -> None:
    house = open_house(policy={"rules": [{"types": ["finance"], "action": "block"}]})
    exchange = admit(house.pipeline.parts, call(f"{CARD} {CARD} DE89 3704 0044 0532 0130 00"), DEVELOPER)
    with pytest.raises(Blocked) as refusal:
        await decide(house.pipeline.parts, exchange)
    assert (refusal.value.status, refusal.value.code) == (400, "content_blocked")
    assert "because it holds CREDIT_CARD (2), IBAN (1)." in refusal.value.message
    assert str(exchange.receipt.reasons[0]) == "blocked(CREDIT_CARD:2,IBAN:1)"
    (declined,) = house.declined()
    assert (declined.outcome, declined.intent.reason) == ("blocked", "blocked")
    assert declined.intent.findings == {"CREDIT_CARD": 2, "IBAN": 1}
    assert house.counted("tidegate_findings_total", type="CREDIT_CARD") == 2


async def test_whom_a_policy_refuses_is_told_so(open_house: OpenHouse) -> None:
    house = open_house(policy={"rules": [{"teams": ["lab"], "routes": ["cloud"], "action": "block"}]})
    await decide(house.pipeline.parts, admit(house.pipeline.parts, call(EASY), DEVELOPER))
    with pytest.raises(Blocked, match="because of its label or of who asks"):
        await decide(house.pipeline.parts, admit(house.pipeline.parts, call(CARD, "cloud"), DEVELOPER))
