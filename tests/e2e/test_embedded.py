"""It starts with nothing: the shipped configuration, no key, no server, and a real small model answers."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.harness.anthropic_client import claude
from tests.harness.client import ask, post, sdk
from tests.harness.gateway import Gateway
from tests.harness.prompts import CARD, EASY, HARD_PROOF
from tests.harness.wait import until
from tests.servers.gateway import StartGateway

SHIPPED = Path(__file__).parents[2] / "tidegate.yaml"
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
PATIENCE = 60.0  # seconds: a real model on a machine that does other things as well


def test_with_nothing_but_itself(start_gateway: StartGateway) -> None:
    gateway = start_gateway(SHIPPED.read_text())
    gateway.key = gateway.wait_for_output(r"^key: tg-").removeprefix("key: ").strip()

    with sdk(gateway, timeout=PATIENCE) as client:
        answer = client.chat.completions.create(**ask(EASY), max_tokens=16, temperature=0)
        assert answer.choices[0].message.content
        assert answer.usage is not None
        assert answer.usage.completion_tokens > 0
        stream = client.chat.completions.create(**ask(EASY), max_tokens=16, temperature=0, stream=True, seed=1)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream)

        text = client.completions.create(model="auto", prompt="Once upon a time", max_tokens=8, logprobs=1)
        assert text.choices[0].text
        pieces = client.completions.create(model="local", prompt="Once upon a time", max_tokens=8, stream=True)
        assert "".join(piece.choices[0].text for piece in pieces)
        ignored: list[dict[str, Any]] = [{"tools": [TOOL]}, {"n": 2}, {"reasoning_effort": "low"}]
        for fields in ignored:  # llama.cpp would leave them out without a word
            with pytest.raises(openai.BadRequestError) as refused:
                client.chat.completions.create(**ask(EASY), **fields)
            assert (refused.value.code, refused.value.param) == ("unsupported_by_route", *fields)
    with claude(gateway, timeout=PATIENCE) as anthropic:
        message = anthropic.messages.create(**ask(EASY), max_tokens=16)
        assert message.content[0].type == "text"
        assert message.usage.input_tokens + (message.usage.cache_read_input_tokens or 0) > 0

    hard = post(gateway, ask(HARD_PROOF, max_tokens=1))
    assert hard.headers["x-tidegate-deployment"] == "small"
    assert "large-unavailable" in hard.headers["x-tidegate-reason"]
    assert post(gateway, ask(CARD, "cloud", max_tokens=1)).headers["x-tidegate-zone"] == "local"

    model = model_process(gateway)
    os.kill(model, signal.SIGKILL)
    until("another model process", lambda: model_process(gateway) not in {0, model}, PATIENCE)
    until("an answer of the new one", lambda: is_answered(gateway), PATIENCE)

    parent = gateway.process
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(5)
    until("worker and model to be gone", lambda: gateway.children() == [], 15)
    gateway.kill()


def model_process(gateway: Gateway) -> int:
    """The process that runs the model, or 0."""
    for pid in gateway.children():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:  # gone between two looks
            continue
        if b"embedded" in words:
            return pid
    return 0


def is_answered(gateway: Gateway) -> bool:
    try:
        return post(gateway, ask(EASY, max_tokens=1, temperature=0, seed=os.getpid())).status_code == 200
    except httpx.TransportError:
        return False
