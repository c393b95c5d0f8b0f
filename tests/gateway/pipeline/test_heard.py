"""If these fail, a wrong answer is given to a question again and again, or a stranger takes answers away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.dialects.feedback import FeedbackDialect
from gateway.wire.errors import NotFound
from gateway.wire.http import Reply, Request
from router.clearance import ANY
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import DEVELOPER, House, header
from tests.gateway.pipeline.caches import kept
from tests.gateway.pipeline.test_alike import ASKED, SAME, ask, likely

HIT = "req_" + "a1" * 16
COLLEAGUE = Principal("colleague", "lab", None, ANY)
STRANGER = Principal("stranger", "elsewhere", None, ANY)


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    """One in which `HIT` was given the answer to another question."""
    house = open_house(**likely())
    await kept(house, ask(ASKED))
    call = ask(SAME)
    call.request_id = HIT
    assert header(await kept(house, call), "x-tidegate-cache") == "hit"
    return house


async def say(house: House, principal: Principal = DEVELOPER, request_id: str = HIT, **body: Any) -> Reply:
    content = json.dumps({"request_id": request_id, **body}).encode()
    request = Request("POST", "/v1/feedback", {}, content, "req_f")
    return await FeedbackDialect().answer(request, house.pipeline, principal)


async def used(house: House, text: str) -> str | None:
    return header(await kept(house, ask(text)), "x-tidegate-cache")


@pytest.mark.parametrize("said", [{"thumbs": "down"}, {"score": 0.2}, {"correction": "It is another."}])
async def test_a_wrong_answer_is_not_given_again(house: House, said: dict[str, Any]) -> None:
    reply = await say(house, **said)
    source = next(iter(said))
    assert json.loads(reply.body) == {"object": "feedback", "request_id": HIT, "source": source, "evicted": True}
    assert await used(house, SAME) == "miss"
    assert await used(house, ASKED) == "hit"  # its own question keeps it
    assert house.counted("tidegate_semantic_cache_total", route="home", result="wrong") == 1


@pytest.mark.parametrize("said", [{"thumbs": "up"}, {"score": 0.9}])
async def test_a_right_one_is_counted_and_stays(house: House, said: dict[str, Any]) -> None:
    assert json.loads((await say(house, **said)).body)["evicted"] is False
    assert await used(house, "How could I reset my password?") == "hit"
    assert house.counted("tidegate_semantic_cache_total", route="home", result="right") == 1


async def test_a_colleague_may_say_so_and_a_stranger_may_not(house: House) -> None:
    with pytest.raises(NotFound):
        await say(house, STRANGER, thumbs="down")
    assert await used(house, "How could I reset my password?") == "hit"
    assert json.loads((await say(house, COLLEAGUE, thumbs="down")).body)["evicted"] is True


async def test_it_is_said_once(house: House) -> None:
    await say(house, thumbs="down")
    with pytest.raises(NotFound):
        await say(house, thumbs="down")


@pytest.mark.parametrize("request_id", ["req_1", "req_" + "b" * 32, "{x}", "req_" + "A" * 32])
async def test_of_any_other_request_nothing_is_known(house: House, request_id: str) -> None:
    with pytest.raises(NotFound):
        await say(house, request_id=request_id, thumbs="down")
