"""If these fail, a conversation goes on with what is not its own, is lost between two turns, or leaves the house."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.conversations.kept import Kept
from gateway.conversations.store import ConversationStore
from gateway.dialects.responses.keeping import recall
from gateway.wire.errors import BadRequest, NotFound
from router.asker import Asker as Who
from router.clearance import ANY, LOCAL, Clearance
from router.policy import Policy as Rules
from router.rule import Rule
from tests.gateway.conftest import OpenHouse
from tests.gateway.conversations.samples import SECRET
from tests.gateway.dialects.responses.asker import Asker, asking, parsed, text_of
from tests.gateway.house import CARD, EASY, House, header, read
from tests.gateway.pipeline.caches import ENCRYPTED
from tests.servers.upstream import Upstreams

Json = dict[str, Any]
TOOL = {"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": False}


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


@pytest.fixture
def asker(house: House) -> Asker:
    return Asker(house)


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


# Conversations and their clearance, with the whole gateway inside


async def test_a_conversation_that_began_at_home_stays_there(asker: Asker, upstreams: Upstreams) -> None:
    """Its first turn is sent again with every further one."""
    first = await asker.ask(CARD, "cloud")
    reply = await asker.send("POST", body=asking(EASY, "cloud", previous_response_id=first["id"]))
    await read(reply)
    assert header(reply, "x-tidegate-deployment") == "small"
    assert header(reply, "x-tidegate-clearance") == "local"
    upstreams.assert_cloud_saw_nothing()


async def test_it_stays_there_though_nothing_in_it_would_say_so(asker: Asker, upstreams: Upstreams) -> None:
    """The first turn was kept at home by its caller's label, and no scanner would find anything in it."""
    labelled = await asker.send("POST", body=asking("Plan B", "cloud"), headers={"x-tidegate-locality": "local"})
    first = json.loads(await read(labelled))
    for body in (
        asking(EASY, "cloud", previous_response_id=first["id"]),
        asking([{"id": first["output"][0]["id"]}, {"role": "user", "content": EASY}], "cloud"),
    ):
        reply = await asker.send("POST", body=body)
        await read(reply)
        assert header(reply, "x-tidegate-deployment") == "small"
        assert "conversation:local" in str(header(reply, "x-tidegate-reason"))
    upstreams.assert_cloud_saw_nothing()


async def test_a_conversation_comes_home_when_something_sensitive_is_said(asker: Asker, upstreams: Upstreams) -> None:
    first = await asker.ask(EASY, "cloud")
    assert text_of(first).startswith("cloud-model")
    before = upstreams.cloud.journal.raw
    second = await asker.ask(CARD, "cloud", previous_response_id=first["id"])
    third = await asker.ask("And now?", "cloud", previous_response_id=second["id"])
    assert text_of(second).startswith("local-model")
    assert text_of(third).startswith("local-model")
    assert upstreams.cloud.journal.raw == before
    branch = await asker.ask("Something else", "cloud", previous_response_id=first["id"])  # without what was sensitive
    assert text_of(branch).startswith("cloud-model")
    assert b"4970" not in upstreams.cloud.journal.raw


async def test_a_key_that_may_go_further_does_not_take_a_conversation_along(house: House, upstreams: Upstreams) -> None:
    """The clearance is the conversation's, not that of whoever asks."""
    asker = Asker(house)
    home, away = (Principal("same", "lab", None, clearance) for clearance in (LOCAL, ANY))
    first = await asker.ask("Plan B", "cloud", by=home)
    second = await asker.ask(EASY, "cloud", by=away, previous_response_id=first["id"])
    assert text_of(second).startswith("local-model")
    upstreams.assert_cloud_saw_nothing()


async def test_a_cached_answer_is_a_response_too_and_carries_its_clearance(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    asker = Asker(open_house(**ENCRYPTED))
    first = await asker.ask(CARD, "cloud")
    await asker.house.pipeline.parts.background.drained()
    reply = await asker.send("POST", body=asking(CARD, "cloud", stream=True))
    data = await read(reply)
    assert header(reply, "x-tidegate-cache") == "hit"
    again = json.loads(data.decode().split("\n\n")[-2].partition("\ndata: ")[2])["response"]
    assert text_of(again) == text_of(first)
    assert again["id"] != first["id"]
    third = await asker.ask(EASY, "cloud", previous_response_id=again["id"])
    assert text_of(third).startswith("local-model")
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize(
    ("text", "more", "outcome"),
    [
        (EASY, {}, "kept"),
        (EASY, {"metadata": {"note": "Card 4970 1000 0000 0154"}}, "forbidden"),
        ([{"role": "user", "content": EASY, "note": "Card 4970 1000 0000 0154"}], {}, "forbidden"),
        (CARD, {}, "forbidden"),
    ],
)
async def test_outside_the_house_only_what_was_read_is_stored(
    open_house: OpenHouse, text: object, more: Json, outcome: str
) -> None:
    """Metadata do not travel, nor does what nobody knows in an item: they are read all the same."""
    house = open_house(responses={"zone": "eu"})
    found = await Asker(house).ask(text, **more)
    assert found["store"] is (outcome == "kept")
    assert house.counted("tidegate_stored_responses_total", result=outcome) == 1


async def test_the_policies_of_who_asks_hold_for_what_is_stored_outside(open_house: OpenHouse) -> None:
    house = open_house(responses={"zone": "eu"}, policy={"rules": [{"types": ["EMAIL"], "action": "allow"}]})
    note = {"note": "Write to jeanne.durand@gmail.com"}
    strict = Rules((Rule(frozenset({"EMAIL"})),), unnamed=ANY)
    assert (await Asker(house).ask(EASY, metadata=note))["store"]
    person = Principal("dev", "lab", None, ANY, asker=Who("dev", policies=(strict,)))
    assert not (await Asker(house).ask(EASY, metadata=note, by=person))["store"]


async def test_nothing_of_a_conversation_stands_in_a_file_or_a_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither what was asked, nor what was answered, nor what belongs to it: outside the seal, and in the log."""
    caplog.set_level(logging.DEBUG)
    asker = Asker(house)
    planted = ["Ilsebill", "salzte nach", "Butt-42-XK", "pudel-kern"]
    first = await asker.ask(
        f"{CARD} {planted[0]}", "cloud", instructions=planted[1], metadata={"a": planted[2]}, x_upstream="echo",
        tools=[{**TOOL, "description": planted[3]}],
    )  # fmt: skip
    await asker.events("And?", "cloud", previous_response_id=first["id"])
    await asker.get(f"/{first['id']}/input_items")
    assert text_of(first)
    files = [file for file in house.directory.rglob("*") if file.is_file() and file.name != "tidegate.yaml"]
    assert any(file.name == "responses.db" for file in files)
    secret = (house.directory / ".tidegate" / "responses.key").read_text().strip()
    for text in (*planted, "4970 1000 0000 0154", text_of(first)):
        assert text not in caplog.text
        assert [file.name for file in files if text.encode() in file.read_bytes()] == []
    assert [file.name for file in files if secret.encode() in file.read_bytes()] == ["responses.key"]
    assert secret not in caplog.text


async def test_a_restart_finds_what_was_stored(house: House, upstreams: Upstreams) -> None:
    first = await Asker(house).ask(CARD, "cloud")
    again = House(house.directory, house.configuration)
    second = await Asker(again).ask(EASY, "cloud", previous_response_id=first["id"])
    assert await Asker(house).get(f"/{second['id']}") == second
    await again.close()
    upstreams.assert_cloud_saw_nothing()


async def test_a_reload_keeps_the_store_where_nothing_about_it_changes(house: House) -> None:
    store = house.gateway.current.conversations
    before = house.gateway.adopt(house.snapshot(house.configuration, 2))
    assert house.gateway.current.conversations is store
    await house.gateway.retire(before)
    first = await Asker(house).ask("One")
    replaced = house.gateway.adopt(house.snapshot({**house.configuration, "responses": {"ttl": 60}}, 3))
    assert house.gateway.current.conversations is not store
    await house.gateway.retire(replaced)
    assert await Asker(house).get(f"/{first['id']}") == first
