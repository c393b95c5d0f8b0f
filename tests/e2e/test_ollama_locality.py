"""What is sensitive stays at home, wherever in a request of Ollama's it stands; the same request with a harmless word
goes to the cloud, so nothing but the word keeps it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.harness.gateway import Gateway
from tests.harness.ollama_client import error_of, lines_of, post
from tests.harness.prompts import CARD, EASY
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.upstream import Upstream

SECRET = "4970 1000 0000 0154"
WORD = "a nice word"
Body = dict[str, Any]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(60)).decode()


def chat(*messages: Body, **more: Any) -> tuple[str, Body]:
    return "/api/chat", {"model": "cloud", "messages": [{"role": "user", "content": EASY}, *messages], **more}


def generate(**fields: Any) -> tuple[str, Body]:
    return "/api/generate", {"model": "cloud", "prompt": EASY, **fields}


def tool(**function: Any) -> Body:
    return {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}, **function}}


def call(arguments: Body) -> Body:
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"function": {"name": "look_up", "arguments": arguments}}],
    }


PLACES: dict[str, Callable[[str], tuple[str, Body]]] = {
    "user": lambda value: chat({"role": "user", "content": f"My card is {value}."}),
    "system": lambda value: chat({"role": "system", "content": f"The card is {value}."}),
    "assistant": lambda value: chat({"role": "assistant", "content": f"The card is {value}."}),
    "thinking": lambda value: chat({"role": "assistant", "content": "x", "thinking": f"The card is {value}."}),
    "tool": lambda value: chat(call({"a": 1}), {"role": "tool", "tool_name": "look_up", "content": f"card {value}"}),
    "arguments": lambda value: chat(call({"card": value})),
    "argument after a line end": lambda value: chat(call({"text": f"card:\n{value}\tis it?"})),
    "argument name": lambda value: chat(call({value: 1})),
    "deep argument": lambda value: chat(call({"a": [{"b": {"c": f"card {value}"}}]})),
    "called tool": lambda value: chat({"role": "assistant", "tool_calls": [{"function": {"name": value}}]}),
    "tool description": lambda value: chat(tools=[tool(description=f"Looks up the card {value}.")]),
    "tool parameter": lambda value: chat(tools=[tool(parameters={"type": "object", "properties": {value: {}}})]),
    "schema": lambda value: chat(format={"type": "object", "description": f"The card {value}"}),
    "stop": lambda value: chat(options={"stop": [f"card {value}"]}),
    "unknown option": lambda value: chat(options={"note": f"card {value}"}),
    "unknown field": lambda value: chat(note={"text": f"card {value}"}),
    "think": lambda value: chat(think=f"card {value}"),
    "prompt": lambda value: generate(prompt=f"Is my card {value} good?"),
    "system of a prompt": lambda value: generate(system=f"The card is {value}."),
    "plain prompt": lambda value: generate(prompt=f"Is my card {value} good?", raw=True),
    "suffix": lambda value: generate(suffix=f"# the card is {value}"),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("place", PLACES)
def test_what_is_sensitive_stays_wherever_it_stands(
    gateway: Gateway, upstreams: Upstreams, place: str, stream: bool
) -> None:
    path, body = PLACES[place](SECRET)
    answer = post(gateway, path, {**body, "stream": stream})
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-tidegate-clearance"] == "local"
    upstreams.assert_cloud_saw_nothing()
    assert SECRET in json.dumps(upstreams.local.journal.last.json())  # it was sent on, not left out

    path, body = PLACES[place](WORD)
    answer = post(gateway, path, {**body, "stream": stream})
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-tidegate-deployment"] == "large"
    assert WORD in json.dumps(upstreams.cloud.journal.last.json())


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/api/chat", {"messages": [{"role": "user", "content": EASY, "images": [PNG]}]}),
        ("/api/chat", {"messages": [{"role": "user", "content": EASY, "images": [f"data:image/png;base64,{PNG}"]}]}),
        ("/api/chat", {"messages": [{"role": "user", "content": EASY, "images": [SECRET]}]}),
        ("/api/generate", {"prompt": EASY, "images": [PNG]}),
    ],
)
def test_images_stay_because_nobody_can_read_them(
    gateway: Gateway, upstreams: Upstreams, path: str, fields: Body
) -> None:
    answer = post(gateway, path, {"model": "cloud", "stream": False, **fields})
    assert answer.headers["x-tidegate-deployment"] == "small"
    upstreams.assert_cloud_saw_nothing()
    (message,) = upstreams.local.journal.last.json()["messages"]
    assert message["content"][0] == {"type": "text", "text": EASY}
    assert message["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")


def test_texts_to_embed_stay_too(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(
        json.dumps(
            {
                "deployments": {
                    name: {"zone": zone, "engine": "openai", "base_url": upstream.base_url, "model": "bge-m3"}
                    for name, zone, upstream in (
                        ("here", "local", upstreams.local),
                        ("there", "cloud", upstreams.cloud),
                    )
                },
                "routes": {"vectors": {"embeddings": ["there", "here"]}},
                "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
            }
        )
    )
    bodies: list[Callable[[str], tuple[str, Body]]] = [
        lambda text: ("/api/embed", {"model": "vectors", "input": text}),
        lambda text: ("/api/embed", {"model": "vectors", "input": ["a", text]}),
        lambda text: ("/api/embeddings", {"model": "vectors", "prompt": text}),
    ]
    for body in bodies:
        assert post(gateway, *body(CARD)).headers["x-tidegate-zone"] == "local"
    upstreams.assert_cloud_saw_nothing()
    for body in bodies:
        assert post(gateway, *body(EASY)).headers["x-tidegate-zone"] == "cloud"


@pytest.mark.parametrize("header", [{"x-tidegate-locality": "local"}, {}])
def test_the_callers_own_label_counts(gateway: Gateway, upstreams: Upstreams, header: dict[str, str]) -> None:
    path, body = chat(**({} if header else {"metadata": {"tidegate_locality": "local"}}))
    assert lines_of(post(gateway, path, body, headers=header))[-1]["done"]
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("stream", [False, True])
def test_with_nothing_at_home_it_is_refused_and_the_refusal_quotes_nothing(
    start_gateway: StartGateway, upstreams: Upstreams, stream: bool
) -> None:
    silent = Upstream("local-model")  # never started: its port is taken and refuses
    config = {
        "deployments": {
            "small": {"zone": "local", "engine": "openai", "base_url": silent.base_url, "model": "m"},
            "large": {"zone": "cloud", "engine": "openai", "base_url": upstreams.cloud.base_url, "model": "m"},
        },
        "routes": {"cloud": {"small": ["small"], "large": ["large"], "prefer": "large"}},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
    }
    gateway = start_gateway(json.dumps(config))
    for place in ("user", "arguments", "prompt"):
        path, body = PLACES[place](SECRET)
        answer = post(gateway, path, {**body, "stream": stream})
        assert answer.status_code == 503
        assert "4970" not in error_of(answer)
    upstreams.assert_cloud_saw_nothing()
    assert "4970" not in gateway.output
    silent.discard()
