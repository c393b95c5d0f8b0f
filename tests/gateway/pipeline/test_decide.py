"""If these fail, a prompt is sent on unread because it was long, or a receipt says what was not decided."""

from __future__ import annotations

import threading

import pytest

from gateway.pipeline.admit import admit
from gateway.pipeline.decide import INLINE_BYTES, decide
from router.content import Content, content_of
from tests.gateway.house import CARD, DEVELOPER, House, call

FILLER = "The quick brown fox jumps over the lazy dog. " * (INLINE_BYTES // 40)


@pytest.mark.parametrize(("text", "inline"), [("Hi", True), (FILLER, False)])
async def test_large_prompts_are_read_in_a_thread_of_their_own(
    house: House, monkeypatch: pytest.MonkeyPatch, text: str, inline: bool
) -> None:
    seen: list[bool] = []

    def watched(body: dict[str, object]) -> Content:
        seen.append(threading.current_thread() is threading.main_thread())
        return content_of(body)

    monkeypatch.setattr("gateway.pipeline.decide.content_of", watched)
    request = call(text)
    request.size = len(text)
    await decide(house.pipeline.parts, admit(house.pipeline.parts, request, DEVELOPER))
    assert seen == [inline]


@pytest.mark.parametrize("place", [0, len(FILLER) // 2, len(FILLER)])
async def test_wherever_a_card_number_stands_in_a_large_prompt_it_is_found(house: House, place: int) -> None:
    request = call(f"{FILLER[:place]} {CARD} {FILLER[place:]}", "cloud")
    request.size = INLINE_BYTES * 2
    exchange = admit(house.pipeline.parts, request, DEVELOPER)
    decision = await decide(house.pipeline.parts, exchange)
    assert decision.clearance.is_local
    assert "large" not in decision.candidates
    assert exchange.receipt.clearance == decision.clearance
