"""If these fail, clients cannot say what they make of answers, or say it of what is not theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.dialects.feedback import FeedbackDialect
from gateway.wire.errors import BadRequest, GatewayError, NotFound
from gateway.wire.http import Reply, Request
from router.clearance import ANY
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import DEVELOPER, House, header
from tests.gateway.pipeline.test_remember import ask, learning, said
from tests.servers.upstream import Upstreams

STRANGER = Principal("stranger", "elsewhere", None, ANY)


@pytest.fixture
def lesson(open_house: OpenHouse, upstreams: Upstreams) -> House:
    return open_house(**learning(upstreams))


async def say(house: House, principal: Principal = DEVELOPER, **body: Any) -> Reply:
    request = Request("POST", "/v1/feedback", {}, json.dumps(body).encode(), "req_f")
    return await FeedbackDialect().answer(request, house.pipeline, principal)


async def test_a_thumb_is_taken_and_counted(lesson: House) -> None:
    asked = await ask(lesson)
    reply = await say(lesson, request_id=asked, thumbs="down", comment="Lyon?!")
    assert reply.status == 200
    assert json.loads(reply.body) == {"object": "feedback", "request_id": asked, "source": "thumbs"}
    assert header(reply, "x-request-id") == header(reply, "x-tidegate-request-id") == "req_f"
    assert await said(lesson, asked) == [("thumbs", 0.0, None, 1.0)]
    assert lesson.counted("tidegate_labels_total", route="auto", source="thumbs") == 1
    assert reply.over is not None
    reply.over()
    assert lesson.counted("tidegate_requests_total", route="none", status="2xx") == 1


async def test_it_is_about_who_answered(lesson: House) -> None:
    asked = await ask(lesson, model="cloud")
    await say(lesson, request_id=asked, score=0.75)
    assert await said(lesson, asked) == [("score", None, 0.75, 1.0)]


async def test_two_answers_to_one_question_are_compared(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """The route is one; what made the difference is a deployment that was down."""
    house = open_house(**learning(upstreams))
    worse = await ask(house, model="cloud")
    upstreams.cloud.always("status:500")
    better = await ask(house, model="cloud")
    upstreams.cloud.always("ok")
    await say(house, request_id=worse, preferred=better)
    assert await said(house, worse) == [("preferred", 1.0, 0.0, 1.0)]


async def refused(house: House, principal: Principal = DEVELOPER, **body: Any) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        await say(house, principal, **body)
    return caught.value


async def test_a_stranger_is_told_what_anybody_is_told_who_makes_an_id_up(lesson: House, open_house: OpenHouse) -> None:
    asked = await ask(lesson)
    foreign = await refused(lesson, STRANGER, request_id=asked, thumbs="up")
    made_up = await refused(lesson, STRANGER, request_id="req_" + "0" * 31, thumbs="up")
    nowhere = await refused(open_house(), STRANGER, request_id=asked, thumbs="up")  # where nothing learns
    said_ = [FeedbackDialect().failure(error, "req_f") for error in (foreign, made_up, nowhere)]
    assert isinstance(foreign, NotFound)
    assert {(reply.status, reply.body) for reply in said_} == {(404, said_[0].body)}
    assert json.loads(said_[0].body)["error"] == {
        "message": "No request of yours is kept under this id to learn from.",
        "type": "invalid_request_error",
        "param": "request_id",
        "code": "unknown_request",
    }


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"request_id": "req_1"}'])
async def test_what_is_no_feedback_is_a_400(lesson: House, body: bytes) -> None:
    with pytest.raises(BadRequest):
        await FeedbackDialect().answer(Request("POST", "/v1/feedback", {}, body, "req_f"), lesson.pipeline, DEVELOPER)


def test_it_needs_a_key() -> None:
    dialect = FeedbackDialect()
    assert not dialect.open_to_all
    assert not dialect.keyless
    assert dialect.credential({b"authorization": b"Bearer x"}) == b"Bearer x"
