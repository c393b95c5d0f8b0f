"""Where a request goes, with the documented configuration: easy to small, hard to large, sensitive never out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.client import ask, http, post, read_stream, sdk, text_of
from tests.harness.gateway import Gateway, bearer
from tests.harness.prompts import CARD, EASY, HARD_CODE, HARD_PROOF, PATIENT, SENSITIVE
from tests.servers.upstream import Upstreams

ANEW = {"cache-control": "no-cache, no-store"}


def test_the_capital_of_france_is_for_the_small_model(standard_gateway: Gateway, upstreams: Upstreams) -> None:
    with sdk(standard_gateway) as client:
        raw = client.chat.completions.with_raw_response.create(**ask(EASY), extra_headers=ANEW)
    assert str(raw.parse().choices[0].message.content).startswith("local-model says")
    assert raw.headers["x-tidegate-deployment"] == "small"
    assert "easy" in raw.headers["x-tidegate-reason"]
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("prompt", [HARD_PROOF, HARD_CODE])
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_hard_goes_to_the_large_model(
    standard_gateway: Gateway, upstreams: Upstreams, prompt: str, stream: bool
) -> None:
    answer = post(standard_gateway, ask(prompt, stream=stream), headers=ANEW)
    said = read_stream(answer).text if stream else text_of(answer)
    assert said.startswith("cloud-model says")
    assert answer.headers["x-tidegate-deployment"] == "large"
    assert answer.headers["x-tidegate-zone"] == "cloud"
    assert float(answer.headers["x-tidegate-difficulty"]) >= 0.5
    assert upstreams.local.journal.exchanges == ()


def test_a_route_may_prefer_the_cloud(standard_gateway: Gateway) -> None:
    answer = post(standard_gateway, ask(EASY, "cloud"), headers=ANEW)
    assert text_of(answer).startswith("cloud-model says")
    assert "prefer-large" in answer.headers["x-tidegate-reason"]


@pytest.mark.parametrize("prompt", SENSITIVE)
@pytest.mark.parametrize("route", ["auto", "cloud"])
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_sensitive_stays(
    standard_gateway: Gateway, upstreams: Upstreams, prompt: str, route: str, stream: bool
) -> None:
    answer = post(standard_gateway, ask(prompt, route, stream=stream), headers=ANEW)
    said = read_stream(answer).text if stream else text_of(answer)
    assert said.startswith("local-model says")
    assert answer.headers["x-tidegate-clearance"] == "local"
    assert "sensitive" in answer.headers["x-tidegate-reason"]
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("secret", [CARD, PATIENT])
def test_no_receipt_repeats_what_was_found(standard_gateway: Gateway, secret: str) -> None:
    answer = post(standard_gateway, ask(secret), headers=ANEW)
    shown = " ".join(answer.headers.values())
    assert not any(word in shown for word in ("4970 1000", "4970100000", "Durand", "12/03/1951", "metformin"))


PLACES: dict[str, dict[str, Any]] = {
    "the system's prompt": {"messages": [{"role": "system", "content": CARD}, {"role": "user", "content": EASY}]},
    "an earlier turn": {
        "messages": [
            {"role": "user", "content": CARD},
            {"role": "assistant", "content": "Yes."},
            {"role": "user", "content": EASY},
        ]
    },
    "a content part": {"messages": [{"role": "user", "content": [{"type": "text", "text": CARD}]}]},
    "a tool's result": {
        "messages": [
            {"role": "user", "content": EASY},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": CARD},
        ]
    },
    "a tool call's arguments": {
        "messages": [
            {"role": "user", "content": EASY},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "pay", "arguments": '{"card": "4970 1000 0000 0154"}'},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "done"},
        ]
    },
    "a tool's description": {
        "messages": [{"role": "user", "content": EASY}],
        "tools": [{"type": "function", "function": {"name": "f", "description": CARD, "parameters": {}}}],
    },
    "the end user's name": {"messages": [{"role": "user", "content": EASY, "name": "4970100000000154"}]},
    "metadata": {"messages": [{"role": "user", "content": EASY}], "metadata": {"note": CARD}},
    "a field nobody knows": {"messages": [{"role": "user", "content": EASY}], "vendor": {"deep": [{"note": CARD}]}},
    "a key": {"messages": [{"role": "user", "content": EASY}], "vendor": {CARD: 1}},
}


@pytest.mark.parametrize("place", PLACES)
def test_wherever_it_stands(standard_gateway: Gateway, upstreams: Upstreams, place: str) -> None:
    answer = post(standard_gateway, {"model": "cloud", **PLACES[place]}, headers=ANEW)
    assert text_of(answer).startswith("local-model says")
    upstreams.assert_cloud_saw_nothing()


def test_of_a_doubled_key_what_is_scanned_is_what_is_sent(standard_gateway: Gateway, upstreams: Upstreams) -> None:
    """JSON leaves open which of two equal keys counts: whichever it is, the scanner and the upstream read the same."""
    mild, wild = (
        '"messages": [{"role": "user", "content": "Hi"}]',
        f'"messages": [{{"role": "user", "content": "{CARD}"}}]',
    )
    for first, second in ((mild, wild), (wild, mild)):
        upstreams.reset()
        body = f'{{"model": "cloud", {first}, {second}}}'
        headers = {**bearer(standard_gateway.key), **ANEW}
        url = f"{standard_gateway.base_url}/chat/completions"
        with http() as client:
            answer = client.post(url, content=body.encode(), headers=headers)
        assert answer.status_code in {200, 400}
        assert b"0154" not in upstreams.cloud.journal.raw
        sent = upstreams.cloud.journal.raw + upstreams.local.journal.raw
        assert sent.count(b'"messages"') <= 1
