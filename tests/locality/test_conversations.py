"""A conversation stays at home for as long as what was said first is in it, and nobody else gets to see it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.harness.client import post
from tests.harness.gateway import OTHER_KEY
from tests.locality.cases import NOT_AGAIN
from tests.locality.plants import KINDS, plant
from tests.locality.world import OK, World, route_of

ROUTE = route_of("first", OK, "text")
SENTENCE = "Please keep {} in mind."


def respond(world: World, words: str, *, stream: bool = False, **more: Any) -> httpx.Response:
    body = {"model": ROUTE, "input": words, "stream": stream, **more}
    return post(world.gateway, body, path="/v1/responses", headers=NOT_AGAIN, key=more.pop("key", None))


def id_of(answer: httpx.Response) -> str:
    start = answer.text.index('"id":"resp_') + len('"id":"')
    return answer.text[start : answer.text.index('"', start)]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"iban"}))
def test_every_later_turn_stays(world: World, kind: str, stream: bool) -> None:
    planted = plant(kind, 77 + stream)
    world.haystack.add(planted.value, f"first turn, {kind}")
    before = world.cloud.journal.bytes_received, world.europe.journal.bytes_received
    answer = respond(world, SENTENCE.format(planted.value), stream=stream)
    for _ in range(3):
        assert answer.headers["x-tidegate-zone"] == "local"
        answer = respond(world, "And what else?", stream=stream, previous_response_id=id_of(answer))
    assert (world.cloud.journal.bytes_received, world.europe.journal.bytes_received) == before

    answer = respond(world, SENTENCE.format(planted.twin), stream=stream)
    for _ in range(3):
        assert answer.headers["x-tidegate-zone"] == "cloud"
        answer = respond(world, "And what else?", stream=stream, previous_response_id=id_of(answer))
    assert planted.twin in world.cloud.journal.last.body.decode()


def test_nobody_else_goes_on_with_it_or_reads_it(world: World) -> None:
    planted = plant("email", 99)
    world.haystack.add(planted.value, "of another key")
    kept = id_of(respond(world, SENTENCE.format(planted.value)))
    body = {"model": ROUTE, "input": "What was it?", "previous_response_id": kept}
    asked = post(world.gateway, body, path="/v1/responses", key=OTHER_KEY)
    assert asked.status_code == 400
    assert not world.haystack.found_in(asked.content)


def test_the_whole_list_of_messages_is_looked_at_each_time(world: World) -> None:
    planted = plant("token", 5)
    world.haystack.add(planted.value, "told long ago")
    for words, zone in ((planted.value, "local"), (planted.twin, "cloud")):
        messages = [{"role": "user", "content": SENTENCE.format(words)}]
        for turn in range(4):
            messages += [{"role": "assistant", "content": "Yes."}, {"role": "user", "content": f"And {turn}?"}]
            answer = post(world.gateway, {"model": ROUTE, "messages": messages}, headers=NOT_AGAIN)
            assert answer.headers["x-tidegate-zone"] == zone


def test_and_they_have_left_no_trace(world: World) -> None:
    """What is kept for clients is kept encrypted."""
    world.assert_nothing_got_out()
