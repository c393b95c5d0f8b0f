"""If these fail, the moderation says something else of a text than what would be done with it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from gateway.pipeline.decide import INLINE_BYTES
from gateway.pipeline.moderate import Verdict, moderate
from router.asker import Asker
from router.clearance import ANY
from router.content import content_of
from router.policy import Policy
from router.rule import Rule
from router.sensitivity.finding import Scan
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, EASY, House

MAIL = "Write to jeanne.durand@example.org about it."


async def verdict(house: House, value: Any, size: int = 0) -> Verdict:
    (found,) = await moderate(house.pipeline.parts, [content_of({"input": value})], size)
    return found


async def test_it_says_what_would_keep_the_text_at_home(house: House) -> None:
    assert await verdict(house, EASY) == Verdict({}, False)
    found = await verdict(house, f"{CARD} {CARD}")
    assert found.flagged
    kept, confidence = found.types["CREDIT_CARD"]
    assert kept
    assert 0.5 <= confidence <= 1


async def test_what_the_policy_lets_travel_is_found_and_not_flagged(open_house: OpenHouse) -> None:
    house = open_house(policy={"rules": [{"types": ["EMAIL"], "clearance": "any"}, {"clearance": "local"}]})
    found = await verdict(house, MAIL)
    assert not found.flagged
    assert found.types["EMAIL"][0] is False
    assert (await verdict(house, f"{MAIL} {CARD}")).flagged


@pytest.mark.parametrize("value", ["QUJD" * 200 + "abc1", [{"type": "image_url", "image_url": {"url": "https://x"}}]])
async def test_what_cannot_be_read_is_in_doubt(house: House, value: object) -> None:
    found = await verdict(house, value)
    assert found.unreadable
    assert found.flagged


async def test_so_is_what_a_detector_failed_at(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    scanner = house.pipeline.parts.router.scanner
    monkeypatch.setattr(type(scanner), "scan", lambda *_: Scan((), ("names",)))
    assert (await verdict(house, EASY)).flagged


@pytest.mark.parametrize(("size", "inline"), [(INLINE_BYTES, True), (INLINE_BYTES + 1, False)])
async def test_large_requests_are_read_in_a_thread_of_their_own(
    house: House, monkeypatch: pytest.MonkeyPatch, size: int, inline: bool
) -> None:
    seen: list[bool] = []

    def watched(*_: object) -> Scan:
        seen.append(threading.current_thread() is threading.main_thread())
        return Scan(())

    monkeypatch.setattr(type(house.pipeline.parts.router.scanner), "scan", watched)
    await verdict(house, EASY, size)
    assert seen == [inline]


async def test_the_policies_of_who_asks_count(open_house: OpenHouse) -> None:
    house = open_house(policy={"rules": [{"types": ["EMAIL"], "action": "allow"}]})
    strict = Asker("dev", policies=(Policy((Rule(frozenset({"EMAIL"})),), unnamed=ANY),))
    (found,) = await moderate(house.pipeline.parts, [content_of({"input": MAIL})], 0, strict)
    assert found.flagged
    assert not (await verdict(house, MAIL)).flagged
