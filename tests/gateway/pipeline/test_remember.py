"""If these fail, something is kept of requests that nobody wanted kept, or of answers that nobody got."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.dialects.openai_embeddings import OpenAIEmbeddings
from gateway.learning.note import is_kept, view_in
from gateway.learning.sample import Label, Sample
from gateway.pipeline.admit import admit
from gateway.pipeline.parts import Clocks
from gateway.pipeline.remember import remember
from gateway.wire.errors import GatewayError
from gateway.wire.http import Request
from gateway.wire.request_id import RequestIds
from router.clearance import ANY
from router.content import content_of
from router.difficulty.features import read as reading_of
from router.difficulty.sample import pack
from router.difficulty.view import view_of_text
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, DEVELOPER, EASY, House, call, read, settings
from tests.servers.upstream import Upstreams

LEARNING = {"enabled": True}


def learning(upstreams: Upstreams, change: Mapping[str, Any] = LEARNING, **more: Any) -> dict[str, Any]:
    """Settings in which `auto` and `cloud` learn."""
    routes = settings(upstreams)["routes"]
    for name in ("auto", "cloud"):
        routes[name] = {**routes[name], "learning": {**LEARNING, **change}}
    return {"routes": routes, **more}


@pytest.fixture
def lesson(open_house: OpenHouse, upstreams: Upstreams) -> House:
    return open_house(**learning(upstreams))


async def ask(
    house: House, text: str = EASY, model: str = "auto", principal: Principal = DEVELOPER, **more: Any
) -> str:
    """The request's id, once its answer is out."""
    request = call(text, model, **more)
    request.request_id = RequestIds(house.pipeline.parts.clocks.wall)()
    reply = await house.ask(request, principal)
    await read(reply)
    if reply.stream is None and reply.over is not None:
        reply.over()
    return request.request_id


async def kept(house: House, request_id: str) -> Sample | None:
    lessons = house.pipeline.parts.lessons
    assert lessons is not None
    return await lessons.notebook.sample(request_id)


async def said(house: House, request_id: str) -> list[tuple[str, float | None, float | None, float]]:
    """Label by label: the source, weak, strong, weight."""
    lessons = house.pipeline.parts.lessons
    assert lessons is not None
    await lessons.notebook.flush()
    pairs = await lessons.notebook.ask(lambda store: list(store.labelled()))
    labels: list[Label] = [label for sample, label in pairs if sample.request_id == request_id]
    return [(label.source, label.weak, label.strong, label.weight) for label in labels]


@pytest.mark.parametrize("stream", [False, True])
async def test_of_an_answered_request_its_numbers_are_kept(lesson: House, stream: bool) -> None:
    sample = await kept(lesson, await ask(lesson, stream=stream))
    assert sample is not None
    assert (sample.key, sample.team, sample.route, sample.clearance) == ("dev", "lab", "auto", "any")
    assert (sample.small, sample.large, sample.went, sample.text) == ("small", "large", "small", None)
    assert sample.features == pack(reading_of(view_of_text(EASY)))
    assert sample.at == pytest.approx(lesson.pipeline.parts.clocks.wall(), abs=20)


async def test_it_says_who_answered(lesson: House) -> None:
    sample = await kept(lesson, await ask(lesson, model="cloud"))
    assert sample is not None
    assert (sample.small, sample.large, sample.went) == ("small", "large", "large")


@pytest.mark.parametrize("stream", [False, True])
async def test_it_says_who_answered_in_the_end(open_house: OpenHouse, upstreams: Upstreams, stream: bool) -> None:
    routes = settings(upstreams)["routes"]
    routes["auto"] = {"small": ["small"], "large": ["large"], "cascade": {"band": [0, 1]}, "learning": LEARNING}
    house = open_house(routes=routes)
    upstreams.local.next("say:2 + 2 = 5.")
    upstreams.cloud.next("say:2 + 2 = 4.")
    sample = await kept(house, await ask(house, "What is two and two?", stream=stream))
    assert sample is not None
    assert sample.went == "large"


async def test_where_learning_is_off_nothing_is_kept(open_house: OpenHouse, lesson: House) -> None:
    assert open_house().pipeline.parts.lessons is None
    assert await kept(lesson, await ask(lesson, model="home")) is None


@pytest.mark.parametrize("behaviour", ["status:500", "cut:3:rst", "error_frame:3", "empty"])
async def test_of_an_answer_that_nobody_got_whole_nothing_is_kept(
    open_house: OpenHouse, upstreams: Upstreams, behaviour: str
) -> None:
    house = open_house(**learning(upstreams))
    upstreams.local.always(behaviour)
    upstreams.cloud.always(behaviour)
    with suppress(GatewayError):  # before the stream begins; afterwards it says so itself
        await ask(house, stream=True)
    lessons = house.pipeline.parts.lessons
    assert lessons is not None
    await lessons.notebook.flush()
    assert await lessons.notebook.ask(lambda store: store.counts()) == []


async def test_what_may_not_be_where_the_store_is_leaves_nothing_there(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**learning(upstreams, learning={"zone": "cloud"}))
    sensitive, harmless = await ask(house, CARD), await ask(house)
    assert await kept(house, sensitive) is None
    assert await kept(house, harmless) is not None
    assert house.counted("tidegate_learning_dropped_total", reason="forbidden") == 1


async def test_at_home_the_numbers_of_what_is_sensitive_are_kept_with_its_clearance(lesson: House) -> None:
    sample = await kept(lesson, await ask(lesson, CARD, "cloud"))
    assert sample is not None
    assert (sample.clearance, sample.went) == ("local", "small")


async def test_captured_text_is_what_was_looked_at_and_sealed(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**learning(upstreams, {"capture": True}))
    sample = await kept(house, await ask(house))
    lessons = house.pipeline.parts.lessons
    assert sample is not None
    assert sample.text is not None
    assert lessons is not None
    assert lessons.notebook.seal is not None
    assert EASY.encode() not in sample.text
    assert view_in(lessons.notebook.seal, sample) == view_of_text(EASY)


async def test_a_share_is_kept(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**learning(upstreams, {"share": 0.4}))
    ids = [await ask(house) for _ in range(20)]
    assert [await kept(house, one) is not None for one in ids] == [is_kept(one, 0.4) for one in ids]


async def test_answers_from_the_cache_are_not_kept_again(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**learning(upstreams, cache={"enabled": True}))
    first = await ask(house)
    await house.pipeline.parts.background.drained()
    second = await ask(house)
    assert house.counted("tidegate_cache_total", result="hit") == 1
    assert await kept(house, first) is not None
    assert await kept(house, second) is None


async def test_embeddings_are_no_questions(open_house: OpenHouse, upstreams: Upstreams) -> None:
    changes = learning(upstreams)
    changes["routes"]["auto"]["embeddings"] = ["small"]
    house = open_house(**changes)
    body = b'{"model": "auto", "input": "Hello"}'
    reply = await OpenAIEmbeddings().answer(
        Request("POST", "/v1/embeddings", {}, body, "req_e"), house.pipeline, DEVELOPER
    )
    assert reply.status == 200
    assert reply.over is not None
    reply.over()
    assert await kept(house, "req_e") is None


async def test_the_next_turn_tells_of_the_answer_before(lesson: House) -> None:
    first = await ask(lesson)
    turns = [{"role": "user", "content": EASY}, {"role": "assistant", "content": "Lyon."}]
    await ask(lesson, messages=[*turns, {"role": "user", "content": "That's wrong."}])
    assert await said(lesson, first) == [("follow-up", 0.0, None, 0.3)]
    assert lesson.counted("tidegate_labels_total", route="auto", source="follow-up") == 1


async def test_another_keys_turn_tells_nothing(lesson: House) -> None:
    first = await ask(lesson)
    turns = [{"role": "user", "content": EASY}, {"role": "assistant", "content": "Lyon."}]
    other = Principal("other", "lab", None, ANY)
    await ask(lesson, messages=[*turns, {"role": "user", "content": "That's wrong."}], principal=other)
    assert await said(lesson, first) == []


@pytest.mark.parametrize("switch", ["follow_up", "regenerate"])
async def test_signals_can_be_switched_off(open_house: OpenHouse, upstreams: Upstreams, switch: str) -> None:
    house = open_house(**learning(upstreams, {switch: False}))
    first = await ask(house)
    turns = [{"role": "user", "content": EASY}, {"role": "assistant", "content": "Lyon."}]
    await ask(house, messages=[*turns, {"role": "user", "content": "Danke!"}])
    expected = [] if switch == "follow_up" else [("follow-up", 1.0, None, 0.3)]
    assert await said(house, first) == expected


async def test_asked_again_after_a_while_tells_of_the_answer_before(
    open_house: OpenHouse, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = 0.0
    monkeypatch.setattr("gateway.app.CLOCKS", Clocks(wall=lambda: time.time() + later, steady=time.monotonic))
    house = open_house(**learning(upstreams))
    first = await ask(house)
    await ask(house)  # at once: a program
    assert await said(house, first) == []
    later = 30.0
    await ask(house)
    labels = [await said(house, first), house.counted("tidegate_labels_total", route="auto", source="regenerate")]
    assert labels == [[], 1]  # it is the second answer that was asked again


@pytest.mark.parametrize(("deployment", "noted"), [("small", True), ("large", True), ("specialist", False)])
async def test_who_is_of_neither_class_is_no_example_of_one(lesson: House, deployment: str, noted: bool) -> None:
    parts = lesson.pipeline.parts
    exchange = admit(parts, call(), DEVELOPER)
    exchange.receipt.clearance = ANY
    exchange.receipt.deployment = exchange.answered_by = deployment
    assert remember(parts, exchange, content_of(exchange.call.body)) is noted
