"""Whatever part of a Messages request holds what is sensitive, it stays: not one byte of it reaches the cloud.

Each part is tried twice: with a card number in it, and with something harmless, which goes to the cloud.
"""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from tests.harness.anthropic_client import LOOK, answer, ask, claude, said
from tests.harness.gateway import HOME_KEY, Gateway
from tests.harness.prompts import EASY
from tests.servers.upstream import Upstreams

Json = dict[str, Any]
CARD = "Card 4970 1000 0000 0154"
HARMLESS = "The sky is blue"


def turns(*content: Json, said: Json | None = None) -> Json:
    """A loop of tools in progress; `content` is what came of the call, `said` stands before it."""
    call = {"type": "tool_use", "id": "toolu_01D7FLrfh4GYq7yT1ULFeyMV", "name": "look", "input": {"line": 12}}
    asked: list[Json] = [call] if said is None else [said, call]
    result = {"type": "tool_result", "tool_use_id": call["id"], "content": list(content)}
    messages = [
        {"role": "user", "content": EASY},
        {"role": "assistant", "content": asked},
        {"role": "user", "content": [result]},
    ]
    return ask(EASY, "cloud", messages=messages, tools=[LOOK])


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def input_of(value: object) -> Json:
    body = turns(text("ok"))
    body["messages"][1]["content"][0]["input"] = value
    return body


def failed(*content: Json) -> Json:
    body = turns(*content)
    body["messages"][2]["content"][0]["is_error"] = True
    return body


def parts(words: str) -> dict[str, Json]:
    return {
        "prompt": ask(words, "cloud"),
        "text block": ask("", "cloud", messages=[{"role": "user", "content": [text(EASY), text(words)]}]),
        "system": ask(EASY, "cloud", system=words),
        "system block": ask(EASY, "cloud", system=[{**text(words), "cache_control": {"type": "ephemeral"}}]),
        "tool result": turns(text(words)),
        "failed tool": failed(text(words)),
        "tool input": input_of({"query": words}),
        "tool input over lines": input_of({"query": words.replace(" ", "\n")}),
        "nested tool input": input_of({"query": {"parts": [{"words": words}]}}),
        "name in a tool input": input_of({words: 1}),
        "thought in progress": turns(text("ok"), said={"type": "thinking", "thinking": words, "signature": ""}),
        "tool description": ask(EASY, "cloud", tools=[{**LOOK, "description": words}]),
        "tool schema": ask(EASY, "cloud", tools=[{**LOOK, "input_schema": {"type": "object", "title": words}}]),
        "tool example": ask(EASY, "cloud", tools=[{**LOOK, "input_examples": [{"city": words}]}]),
        "user id": ask(EASY, "cloud", metadata={"user_id": words}),
        "stop sequence": ask(EASY, "cloud", stop_sequences=[words]),
        "schema of the answer": ask(
            EASY, "cloud", output_config={"format": {"type": "json_schema", "schema": {"title": words}}}
        ),
        "unknown field": ask(EASY, "cloud", extra_body={"vendor": {"note": words}}),
        "system message": ask(EASY, "cloud", messages=[{"role": "system", "content": words}, *ask(EASY)["messages"]]),
    }


@pytest.mark.parametrize("part", parts(""))
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_sensitive_stays_wherever_it_stands(
    gateway: Gateway, upstreams: Upstreams, part: str, stream: bool
) -> None:
    with claude(gateway) as client:
        assert said(answer(client, parts(CARD)[part], stream=stream)).startswith("local-model says")
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("part", parts(""))
def test_what_is_harmless_goes_and_arrives(gateway: Gateway, upstreams: Upstreams, part: str) -> None:
    with claude(gateway) as client:
        assert said(client.messages.create(**parts(HARMLESS)[part])).startswith("cloud-model says")
    assert b"blue" in upstreams.cloud.journal.raw


@pytest.mark.parametrize(
    "source",
    [
        {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
        {"type": "url", "url": "https://example.org/scan.png"},
    ],
)
@pytest.mark.parametrize("in_result", [False, True])
def test_an_image_cannot_be_read_and_stays(
    gateway: Gateway, upstreams: Upstreams, source: Json, in_result: bool
) -> None:
    image = {"type": "image", "source": source}
    body = turns(image) if in_result else ask("", "cloud", messages=[{"role": "user", "content": [image]}])
    with claude(gateway) as client:
        assert said(client.messages.create(**body)).startswith("local-model says")
    upstreams.assert_cloud_saw_nothing()


def test_an_old_thought_is_not_sent_and_so_says_nothing(gateway: Gateway, upstreams: Upstreams) -> None:
    thought = {"type": "thinking", "thinking": CARD, "signature": "c2ln"}
    hidden = {"type": "redacted_thinking", "data": "RW5jcnlwdGVk"}
    messages = [
        {"role": "user", "content": EASY},
        {"role": "assistant", "content": [thought, hidden, text("Paris.")]},
        {"role": "user", "content": "Why?"},
    ]
    with claude(gateway) as client:
        assert said(client.messages.create(**ask("", "cloud", messages=messages))).startswith("cloud-model says")
    for secret in (b"4970", b"c2ln", b"RW5jcnlwdGVk"):
        assert secret not in upstreams.cloud.journal.raw


def test_labels_and_keys_hold_here_too(gateway: Gateway, upstreams: Upstreams) -> None:
    with claude(gateway) as client:
        labelled = ask(EASY, "cloud", extra_headers={"x-tidegate-locality": "local"})
        assert said(client.messages.create(**labelled)).startswith("local-model")
        labelled = ask(EASY, "cloud", metadata={"tidegate_locality": "local"})
        assert said(client.messages.create(**labelled)).startswith("local-model")
    with claude(gateway, HOME_KEY) as client:
        assert said(client.messages.create(**ask(EASY, "cloud"))).startswith("local-model")
        with pytest.raises(anthropic.ServiceUnavailableError) as refused:
            client.messages.create(**ask(EASY, "only-cloud"))
    assert refused.value.response.headers["x-tidegate-clearance"] == "local"
    upstreams.assert_cloud_saw_nothing()


def test_a_card_is_not_told_in_the_refusal(gateway: Gateway, upstreams: Upstreams) -> None:
    with claude(gateway) as client, pytest.raises(anthropic.ServiceUnavailableError) as refused:
        client.messages.create(**ask(CARD, "only-cloud"))
    assert "4970" not in refused.value.response.text
    upstreams.assert_cloud_saw_nothing()
