"""Masking as a client of the real gateway sees it: the cloud reads placeholders, and the client its own words.

The cloud is a parrot: it says again what it was told, in pieces that cut placeholders anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.client import ask, error_of, post, read_stream, sdk, text_of
from tests.harness.configs import ENCRYPTED, rich
from tests.harness.gateway import HOME_KEY, OTHER_KEY, Gateway
from tests.servers.upstream import Upstreams

EMAIL, CARD, PERSON = "jeanne.durand@example.org", "4970 1000 0000 0154", "Jeanne Durand"
TEXT = f"Write to Mrs {PERSON} <{EMAIL}>; her card is {CARD}. Then ask {EMAIL} again."
KEY_LINES = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
KEY = f"-----BEGIN PRIVATE KEY-----\n{KEY_LINES}\n-----END PRIVATE KEY-----"
ODD = f"password: p\\qrx9K!7zT and\n{KEY}\nare old."
RULES = [{"types": ["EMAIL", "CREDIT_CARD", "PERSON", "PASSWORD", "PRIVATE_KEY"], "clearance": "masked"}, {}]
SIZES = (1, 2, 3, 7, 1000)
SEND: dict[str, Any] = {
    "type": "function",
    "function": {"name": "say", "parameters": {"type": "object", "properties": {"said": {"type": "string"}}}},
}
SCHEMA: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {"name": "said", "schema": {"type": "object", "properties": {"said": {"type": "string"}}}},
}


@pytest.fixture(scope="module")
def gateway_of_module(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    changes = {"policy": {"rules": RULES}, "cache": ENCRYPTED}
    config = rich(upstreams_of_session.local, upstreams_of_session.cloud, ("status:503",), changes)
    with Gateway(tmp_path_factory.mktemp("masking"), config) as gateway:
        yield gateway


@pytest.fixture
def masking(gateway_of_module: Gateway, upstreams: Upstreams) -> Iterator[Gateway]:
    yield gateway_of_module
    assert_cloud_saw_no_value(upstreams)


def assert_cloud_saw_no_value(upstreams: Upstreams) -> None:
    raw = upstreams.cloud.journal.raw
    for value in (EMAIL, CARD, PERSON, "Durand", "jeanne", "0154", "p\\\\q", "x9K!7", KEY_LINES):
        assert value.encode() not in raw


def fresh(text: str, route: str = "cloud", **more: Any) -> dict[str, Any]:
    """A question that no test has asked before, as far as the cache is concerned."""
    fresh.count += 1  # type: ignore[attr-defined]
    return ask(text, route, user=f"u{fresh.count}", **more)  # type: ignore[attr-defined]


fresh.count = 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", [TEXT, ODD])
def test_whole(masking: Gateway, upstreams: Upstreams, text: str) -> None:
    upstreams.cloud.next("parrot")
    answer = post(masking, fresh(text))
    assert text_of(answer) == text
    assert answer.headers["x-tidegate-deployment"] == "large"
    assert answer.headers["x-tidegate-clearance"] == "masked"
    assert "<" in upstreams.cloud.journal.last.json()["messages"][0]["content"]


def test_the_receipt_says_what_was_masked(masking: Gateway, upstreams: Upstreams) -> None:
    upstreams.cloud.next("parrot")
    answer = post(masking, fresh(TEXT))
    assert answer.headers["x-tidegate-masked"] == "CREDIT_CARD:1,EMAIL:1,PERSON:1"
    assert "masked(CREDIT_CARD:1,EMAIL:1,PERSON:1)" in answer.headers["x-tidegate-reason"]
    sent = upstreams.cloud.journal.last.json()["messages"][0]["content"]
    assert sent == "Write to Mrs <PERSON_1> <<EMAIL_1>>; her card is <CREDIT_CARD_1>. Then ask <EMAIL_1> again."


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("how", ["", "lower", "html"])
def test_streamed(masking: Gateway, upstreams: Upstreams, size: int, how: str) -> None:
    upstreams.cloud.next(f"parrot:content:{size}:{how}")
    body = fresh(TEXT, stream=True, stream_options={"include_usage": True})
    stream = read_stream(post(masking, body, headers={"x-tidegate-receipt": "stream"}))
    stream.assert_clean()
    assert stream.chunks[-1]["tidegate"]["masked"] == "CREDIT_CARD:1,EMAIL:1,PERSON:1"
    for value in (EMAIL, CARD, PERSON):
        assert value in stream.text
    if not how:
        assert stream.text == TEXT


@pytest.mark.parametrize("where", ["reasoning_content", "refusal"])
@pytest.mark.parametrize("size", SIZES)
def test_thoughts_and_refusals(masking: Gateway, upstreams: Upstreams, where: str, size: int) -> None:
    upstreams.cloud.next(f"parrot:{where}:{size}")
    stream = read_stream(post(masking, fresh(TEXT, stream=True)))
    assert "".join(c["delta"].get(where) or "" for chunk in stream.chunks for c in chunk["choices"]) == TEXT
    upstreams.cloud.next(f"parrot:{where}")
    assert post(masking, fresh(TEXT)).json()["choices"][0]["message"][where] == TEXT


@pytest.mark.parametrize("text", [TEXT, ODD])
@pytest.mark.parametrize("how", ["", "escaped"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("size", [1, 5])
def test_arguments_of_calls(
    masking: Gateway, upstreams: Upstreams, text: str, how: str, stream: bool, size: int
) -> None:
    """With the OpenAI SDK, which puts the pieces together; what is said before the calls, and two calls by turns."""
    upstreams.cloud.next(
        f"parrot:mixed:{size}:{'' if stream else how}" if not how else f"parrot:arguments:{size}:{how}"
    )
    body = fresh(text, tools=[SEND])
    with sdk(masking) as client:
        if stream:
            with client.chat.completions.stream(**body) as events:
                message = events.get_final_completion().choices[0].message
        else:
            message = client.chat.completions.create(**body).choices[0].message
    calls: list[Any] = list(message.tool_calls or [])
    assert len(calls) == (1 if how else 2)
    assert all(json.loads(call.function.arguments) == {"said": text} for call in calls)
    assert message.content in (text, None, "")


@pytest.mark.parametrize("stream", [False, True])
def test_the_old_way_of_calling(masking: Gateway, upstreams: Upstreams, stream: bool) -> None:
    upstreams.cloud.next("parrot:function_call:2")
    answer = post(masking, fresh(ODD, stream=stream))
    if stream:
        choices = [choice for chunk in read_stream(answer).chunks for choice in chunk["choices"]]
        arguments = "".join(choice["delta"].get("function_call", {}).get("arguments", "") for choice in choices)
    else:
        arguments = answer.json()["choices"][0]["message"]["function_call"]["arguments"]
    assert json.loads(arguments) == {"said": ODD}


@pytest.mark.parametrize("text", [TEXT, ODD])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("how", ["", "escaped"])
def test_structured_output(masking: Gateway, upstreams: Upstreams, text: str, stream: bool, how: str) -> None:
    upstreams.cloud.next(f"parrot:json:1:{how}")
    answer = post(masking, fresh(text, stream=stream, response_format=SCHEMA))
    said = read_stream(answer).text if stream else text_of(answer)
    assert json.loads(said) == {"said": text}


@pytest.mark.parametrize("stream", [False, True])
def test_completions(masking: Gateway, upstreams: Upstreams, stream: bool) -> None:
    upstreams.cloud.next("parrot:text:2")
    body = {"model": "cloud", "prompt": TEXT, "user": f"c{stream}", "stream": stream}
    answer = post(masking, body, path="/v1/completions")
    if stream:
        said = "".join(c["text"] for chunk in read_stream(answer).chunks for c in chunk["choices"])
    else:
        said = answer.json()["choices"][0]["text"]
    assert said == TEXT


def test_a_conversation_keeps_its_placeholders(masking: Gateway, upstreams: Upstreams) -> None:
    """Turn by turn the same people have the same placeholders, in results of tools as well."""
    call = {"id": "c1", "type": "function", "function": {"name": "say", "arguments": json.dumps({"to": EMAIL})}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": TEXT},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {
            "role": "tool",
            "tool_call_id": "c1",
            "content": json.dumps({"from": EMAIL, "cc": ["paul.martin@example.org"]}),
        },
    ]
    upstreams.cloud.next("parrot")
    answer = post(masking, {**fresh(""), "messages": messages, "tools": [SEND]})
    sent = upstreams.cloud.journal.last.json()["messages"]
    assert json.loads(sent[1]["tool_calls"][0]["function"]["arguments"]) == {"to": "<EMAIL_1>"}
    assert json.loads(sent[2]["content"]) == {"from": "<EMAIL_1>", "cc": ["<EMAIL_2>"]}
    assert "paul.martin@example.org" in text_of(answer)


def test_what_the_client_wrote_itself_and_what_a_model_makes_up_is_left(masking: Gateway, upstreams: Upstreams) -> None:
    upstreams.cloud.next("parrot")
    text = f"What is <EMAIL_1> and <EMAIL_3>? Mine is {EMAIL}."
    answer = post(masking, fresh(text))
    assert text_of(answer) == text
    sent = upstreams.cloud.journal.last.json()["messages"][0]["content"]
    assert sent == "What is <EMAIL_1> and <EMAIL_3>? Mine is <EMAIL_2>."


def test_at_home_it_is_as_it_came(masking: Gateway, upstreams: Upstreams) -> None:
    """The same request: the model at home fails, and the cloud gets placeholders; or the other way round."""
    upstreams.cloud.next("parrot")
    answer = post(masking, fresh(TEXT, "then-status-503"))
    assert answer.headers["x-tidegate-deployment"] == "large"
    assert text_of(answer) == TEXT
    assert upstreams.local.journal.last.json()["messages"][0]["content"] == TEXT
    upstreams.cloud.next("status:503")
    upstreams.local.next("parrot")
    answer = post(masking, fresh(TEXT))
    assert answer.headers["x-tidegate-deployment"] == "small"
    assert "x-tidegate-masked" not in answer.headers
    assert upstreams.local.journal.last.json()["messages"][0]["content"] == TEXT
    assert text_of(answer) == TEXT


@pytest.mark.parametrize(
    "more",
    [
        {"logprobs": True},
        {"metadata": {EMAIL: "x"}},
        {"messages": [{"role": "user", "name": EMAIL, "content": "Hello."}]},
        {"messages": [{"role": "user", "content": f"IBAN DE89 3704 0044 0532 0130 00, {EMAIL}"}]},
    ],
)
def test_what_cannot_be_masked_stays(masking: Gateway, upstreams: Upstreams, more: dict[str, Any]) -> None:
    answer = post(masking, {**fresh(TEXT), **more})
    assert answer.headers["x-tidegate-deployment"] == "small"
    upstreams.assert_cloud_saw_nothing()
    refused = post(masking, {**fresh(TEXT, "only-cloud"), **more})
    assert (refused.status_code, error_of(refused)["code"]) == (503, "no_deployment")
    upstreams.assert_cloud_saw_nothing()


def test_vectors_and_keys_that_stay_at_home(masking: Gateway, upstreams: Upstreams) -> None:
    answer = post(masking, {"model": "vectors", "input": EMAIL}, path="/v1/embeddings")
    assert answer.headers["x-tidegate-deployment"] == "vectors-here"
    assert "unmaskable(embeddings)" in answer.headers["x-tidegate-reason"]
    assert post(masking, fresh(TEXT), key=HOME_KEY).headers["x-tidegate-deployment"] == "small"
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_the_cache_keeps_the_masked_form(masking: Gateway, upstreams: Upstreams, first: bool, second: bool) -> None:
    upstreams.cloud.next("parrot:content:3")
    body = fresh(TEXT)
    assert TEXT in _said(post(masking, {**body, "stream": first}), stream=first)
    answer = post(masking, {**body, "stream": second})
    assert answer.headers["x-tidegate-cache"] == "hit"
    assert answer.headers["x-tidegate-masked"] == "CREDIT_CARD:1,EMAIL:1,PERSON:1"
    assert _said(answer, stream=second) == TEXT
    assert len(upstreams.cloud.journal.exchanges) == 1


def _said(answer: Any, *, stream: bool) -> str:
    return read_stream(answer).text if stream else text_of(answer)


def test_a_caller_may_ask_for_masks(masking: Gateway, upstreams: Upstreams) -> None:
    """And then of everything. What has nothing to mask goes as it is."""
    upstreams.cloud.next("parrot", "parrot")
    answer = post(masking, fresh(TEXT), headers={"x-tidegate-locality": "masked"})
    assert (answer.headers["x-tidegate-deployment"], text_of(answer)) == ("large", TEXT)
    answer = post(masking, fresh("Good morning."), headers={"x-tidegate-locality": "masked"})
    assert (answer.headers["x-tidegate-deployment"], text_of(answer)) == ("large", "Good morning.")
    assert "x-tidegate-masked" not in answer.headers
    answer = post(masking, fresh(TEXT), headers={"x-tidegate-locality": "masked:eu+local"})
    assert answer.headers["x-tidegate-deployment"] == "small"


@pytest.mark.parametrize("fault", ["cut:3:fin", "cut:3:rst"])
def test_a_cut_stream_says_so(masking: Gateway, upstreams: Upstreams, fault: str) -> None:
    upstreams.cloud.next(fault)
    read_stream(post(masking, fresh(TEXT, stream=True))).assert_cut()


def test_what_a_server_refuses_may_be_a_placeholders_fault(masking: Gateway, upstreams: Upstreams) -> None:
    """So the next deployment is asked, which may see it as it is; where there is none, the client hears of it."""
    upstreams.cloud.always("status:400")
    assert post(masking, fresh(TEXT)).headers["x-tidegate-deployment"] == "small"
    assert post(masking, fresh(TEXT, "only-cloud")).status_code == 400


def test_nothing_is_written_down(masking: Gateway, upstreams: Upstreams) -> None:
    """Not in the log, not in metrics, not in any file but those of the operating system."""
    upstreams.cloud.next("parrot")
    post(masking, fresh(TEXT))
    with sdk(masking):
        pass
    files = b"".join(file.read_bytes() for file in masking.directory.rglob("*") if file.is_file())
    for value in (EMAIL, CARD, PERSON):
        assert value not in masking.output
        assert value.encode() not in files


def test_the_cache_gives_nobody_anothers_words(masking: Gateway, upstreams: Upstreams) -> None:
    """Two who ask the same have an answer each; and two who ask alike, of other people, have their own people in it."""
    body = fresh(TEXT)
    for key in (None, OTHER_KEY):
        upstreams.cloud.next("parrot")
        assert post(masking, body, key=key).headers["x-tidegate-cache"] == "miss"
    other = json.loads(json.dumps(body).replace(EMAIL, "paul.martin@example.org"))
    upstreams.cloud.next("parrot")
    assert text_of(post(masking, other)) == TEXT.replace(EMAIL, "paul.martin@example.org")
    assert text_of(post(masking, other)) == TEXT.replace(EMAIL, "paul.martin@example.org")
    assert text_of(post(masking, body)) == TEXT
    assert len(upstreams.cloud.journal.exchanges) == 3


def test_an_answer_from_home_is_kept_as_it_is(masking: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("parrot")
    body = fresh(TEXT, "small")
    for _ in range(2):
        answer = post(masking, body)
        assert text_of(answer) == TEXT
        assert "x-tidegate-masked" not in answer.headers
    assert answer.headers["x-tidegate-cache"] == "hit"
