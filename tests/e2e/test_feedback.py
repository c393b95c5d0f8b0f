"""Feedback as an application gives it: with the OpenAI SDK, on the id of the answer, before and after a restart."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.harness.client import ask, error_of, post, sdk
from tests.harness.configs import standard
from tests.harness.gateway import OTHER_KEY, Gateway
from tests.harness.prompts import EASY
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.postgres import PostgresServer
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "learning.md").read_text()
ROUTE = "auto:  {small: [small], large: [large]}"
LEARNING = "auto:  {small: [small], large: [large], prefer: small, learning: {enabled: true, capture: true}}"
OTHER = '  - {name: other, key: "${OTHER_KEY}"}\nredis:'


def learning(upstreams: Upstreams, more: str = "") -> str:
    text = standard(upstreams.local, upstreams.cloud).replace("cache: {enabled: true}\n", "").replace("redis:", OTHER)
    assert ROUTE in text
    return text.replace(ROUTE, LEARNING) + more


def say(client: openai.OpenAI, **body: Any) -> Any:
    return client.post("/feedback", cast_to=object, body=body)


def request_of(client: openai.OpenAI, **more: Any) -> str:
    """The id of an answer that was read to its end."""
    messages: Any = [{"role": "user", "content": EASY}]
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=messages, **more)
    answer = raw.parse()
    if more.get("stream"):
        assert list(answer)
    return raw.headers["x-request-id"]


def counted(gateway: Gateway) -> list[list[str]]:
    return [line.split() for line in gateway.run("labels", "list").splitlines()[1:]]


def test_an_application_tells_what_it_makes_of_answers(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(learning(upstreams, "learning: {feedback_per_minute: 8}\n"))
    with sdk(gateway) as client:
        whole, streamed, restarted = (request_of(client), request_of(client, stream=True), request_of(client))
        assert say(client, request_id=whole, thumbs="up") == {
            "object": "feedback",
            "request_id": whole,
            "source": "thumbs",
        }
        say(client, request_id=whole, score=0.5, comment="On second thought.")
        say(client, request_id=streamed, correction="Paris, of course.")
    gateway.stop()
    gateway.start()
    with sdk(gateway) as client:
        say(client, request_id=restarted, thumbs="down")
        with pytest.raises(openai.BadRequestError):
            say(client, request_id=restarted, thumbs="sideways")
    assert counted(gateway) == [["auto", "small", kind, "1"] for kind in ("correction", "score", "thumbs")]
    out = gateway.directory / "rows.jsonl"
    gateway.run("labels", "export", "--out", str(out))
    rows = {row["request_id"]: row for row in map(json.loads, out.read_text().splitlines())}
    assert {name: (row["weak_score"], row["prompt"]) for name, row in rows.items()} == {
        whole: (0.5, EASY),
        streamed: (0.0, EASY),
        restarted: (0.0, EASY),
    }
    assert rows[streamed]["correction"] == "Paris, of course."
    assert "3 labels are deleted" in gateway.run("labels", "forget", "--key", "dev")
    assert counted(gateway) == []


def section() -> str:
    found = re.search(r"^## Feedback\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def block(language: str) -> str:
    """The first of that language in the section on feedback."""
    found = re.search(rf"```{language}\n(.*?)```", section(), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_programs_of_the_page_run_as_they_stand_there(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(learning(upstreams))
    request = post(gateway, ask(EASY)).headers["x-request-id"]
    said = block("sh").replace("http://127.0.0.1:8080", gateway.root).replace("tg-…", gateway.key)
    shown = subprocess.run(["sh", "-c", said.replace("req_…", request)], capture_output=True, check=True, timeout=20)
    assert json.loads(shown.stdout)["source"] == "thumbs"
    scope: dict[str, Any] = {}
    program = block("python").replace("http://127.0.0.1:8080", gateway.root).replace("tg-…", gateway.key)
    exec(program, scope)  # noqa: S102  # the page's own words
    scope["client"].close()
    assert counted(gateway) == [["auto", "small", "thumbs", "2"]]


@pytest.mark.parametrize("code", sorted(set(re.findall(r"^\| 4\d\d `(\w+)`", section(), re.MULTILINE))))
def test_the_codes_of_the_page_are_there(code: str) -> None:
    rooms = (ROOT / "gateway" / room for room in ("learning", "dialects"))
    assert any(f'"{code}"' in path.read_text() for room in rooms for path in room.glob("*.py"))


def test_nobody_else_is_heard_and_nobody_endlessly(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(learning(upstreams, "learning: {feedback_per_minute: 3}\n"))
    asked = post(gateway, ask(EASY)).headers["x-tidegate-request-id"]
    body = {"request_id": asked, "thumbs": "up"}
    foreign = post(gateway, body, path="/v1/feedback", key=OTHER_KEY)
    unknown = post(gateway, {**body, "request_id": f"{asked[:-1]}x"}, path="/v1/feedback", key=OTHER_KEY)
    assert foreign.status_code == unknown.status_code == 404
    assert error_of(foreign) == error_of(unknown)
    assert post(gateway, body, path="/v1/feedback", key="tg-nobodys-key-at-all").status_code == 401
    statuses = [post(gateway, body, path="/v1/feedback").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert int(post(gateway, body, path="/v1/feedback").headers["retry-after"]) in range(1, 61)


def test_workers_and_replicas_share_what_they_know(
    start_gateway: StartGateway, upstreams: Upstreams, postgres: PostgresServer, valkey: ValkeyServer
) -> None:
    """The worker that is told need not be the one that answered."""
    config = learning(upstreams).replace("sqlite:///tidegate.db", postgres.database())
    config += 'responses: {key: "0123456789abcdef0123456789abcdef"}\n'
    gateway = start_gateway(config, workers=2, environment={"REDIS_URL": valkey.url})
    ids = [post(gateway, ask(EASY)).headers["x-request-id"] for _ in range(6)]
    answers = [post(gateway, {"request_id": one, "thumbs": "up"}, path="/v1/feedback") for one in ids]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert counted(gateway) == [["auto", "small", "thumbs", "6"]]


def test_a_next_turn_is_heard(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(learning(upstreams))
    first = ask(EASY)
    said = post(gateway, first).json()["choices"][0]["message"]
    again = {**first, "messages": [*first["messages"], said, {"role": "user", "content": "No, that's not right."}]}
    assert post(gateway, again).status_code == 200
    until("the label to be kept", lambda: ["auto", "small", "follow-up", "1"] in counted(gateway), 20)


def test_without_learning_nothing_is_kept(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(standard(upstreams.local, upstreams.cloud))
    asked = post(gateway, ask(EASY)).headers["x-request-id"]
    refused = post(gateway, {"request_id": asked, "thumbs": "up"}, path="/v1/feedback")
    assert error_of(refused)["code"] == "unknown_request"
    gateway.stop()
    assert not list(Path(gateway.directory).rglob("learning*"))
    gateway.start()
