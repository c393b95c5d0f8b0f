"""If these fail, a conversation goes on with what is not its own, or is lost between two turns."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.conversations.kept import Kept
from gateway.conversations.store import ConversationStore
from gateway.dialects.responses.keeping import recall
from gateway.wire.errors import BadRequest, NotFound
from router.clearance import ANY, LOCAL, Clearance
from tests.gateway.conversations.samples import SECRET
from tests.gateway.dialects.responses.asker import Asker, asking, parsed
from tests.gateway.house import House

Json = dict[str, Any]


class CountingStore(ConversationStore):
    """A store that says how often it was asked."""

    asked: list[str]

    async def find(self, response_id: str, owner: str) -> Kept | None:
        self.asked.append(response_id)
        return await super().find(response_id, owner)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[CountingStore]:
    url = f"sqlite:///{tmp_path}/state.db"
    opened = CountingStore(url, SECRET, zone="local", ttl=600, max_bytes=100_000, wall=time.time, steady=time.monotonic)
    opened.asked = []
    yield opened
    opened.close()


def item(item_id: str) -> Json:
    return {"type": "message", "role": "user", "id": item_id, "content": []}


def reference(item_id: str) -> Json:
    return {"type": "item_reference", "id": item_id}


async def keep(store: ConversationStore, number: str, clearance: Clearance, *before: str) -> None:
    response = {"id": f"resp_{number}", "output": [item(f"msg_{number}_0")], "metadata": {}}
    items = tuple(map(item, [*before, f"msg_{number}_i0"]))
    assert await store.keep(Kept(f"resp_{number}", "dev", clearance, response, items)) == "kept"


async def test_a_request_that_follows_on_nothing_asks_nothing(store: CountingStore) -> None:
    past = await recall(store, "dev", None, [item("x")])
    assert (past.before, past.given, past.clearance) == ((), [item("x")], ANY)
    assert store.asked == []


async def test_what_was_said_before_comes_with_its_clearance(store: CountingStore) -> None:
    await keep(store, "1", LOCAL)
    past = await recall(store, "dev", "resp_1", [item("x")])
    assert [found["id"] for found in past.before] == ["msg_1_i0", "msg_1_0"]
    assert past.clearance == LOCAL


async def test_a_conversation_of_references_is_looked_up_once(store: CountingStore) -> None:
    """The last response holds those before it: else each turn would cost as many steps as there were turns."""
    before: list[str] = []
    for number in "123":
        await keep(store, number, ANY, *before)
        before += [f"msg_{number}_i0", f"msg_{number}_0"]
    past = await recall(store, "dev", None, list(map(reference, before)))
    assert past.given == list(map(item, before))
    assert store.asked == ["resp_3"]


async def test_what_comes_from_several_conversations_has_the_clearance_of_all(store: CountingStore) -> None:
    await keep(store, "1", Clearance.parse("eu+local"))
    await keep(store, "2", Clearance.parse("local+us"))
    past = await recall(store, "dev", "resp_1", [reference("msg_2_0"), reference("msg_1_0")])
    assert past.clearance == LOCAL
    assert past.given == [item("msg_2_0"), item("msg_1_0")]


@pytest.mark.parametrize(
    ("previous", "given"),
    [
        ("resp_2", []),
        ("resp_1", [reference("msg_2_0")]),
        (None, [reference("msg_1_7")]),
        (None, [reference("nonsense")]),
    ],
)
async def test_what_is_not_there_is_not_gone_on_with(
    store: CountingStore, previous: str | None, given: list[Json]
) -> None:
    await keep(store, "1", ANY)
    with pytest.raises((BadRequest, NotFound)) as caught:
        await recall(store, "dev", previous, given)
    assert caught.value.status == (404 if given else 400)
    with pytest.raises((BadRequest, NotFound)):
        await recall(None, "dev", previous, given)


async def test_the_last_event_comes_when_the_response_can_be_found(house: House) -> None:
    """Whoever has read it to the end may go on at any worker."""
    store = house.pipeline.parts.conversations
    assert store is not None
    reply = await Asker(house).send("POST", body=asking("Hi", stream=True))
    assert reply.stream is not None
    seen: list[Json] = []
    while piece := await reply.stream.next():
        seen += parsed(piece)
        found = await store.find(seen[0]["response"]["id"], "dev")
        assert (found is not None) == (seen[-1]["type"] == "response.completed")
    reply.stream.close()
    assert seen[-1]["type"] == "response.completed"
    kept = await store.find(seen[0]["response"]["id"], "dev")
    assert kept is not None
    assert kept.response == json.loads(json.dumps(seen[-1]["response"]))
