"""The embedded model, real: what it speaks, who may ask it, and that it comes back and goes as it should.

Only the protocol is asserted: what so small a model says is nobody's promise.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from gateway.serving.embedded import EmbeddedModel, EmbeddedModelError, Patience

pytestmark = pytest.mark.asyncio(loop_scope="module")

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc or relies on prctl")
CONTEXT = 512  # tokens of one slot
LIMIT = 60.0  # seconds that anything here may take, on a busy machine
IMPATIENT = Patience(between_checks=0.05, answer=1.0, checks=2, first_restart=0.05, last_restart=0.4)


class Log:
    """Lines for a person, to be waited for."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._news = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self._news.set()

    async def until(self, part: str, times: int = 1) -> None:
        async with asyncio.timeout(LIMIT):
            while sum(part in line for line in self.lines) < times:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def running(model: EmbeddedModel) -> AsyncIterator[EmbeddedModel]:
    await model.start()
    supervision = asyncio.create_task(model.supervise())
    try:
        yield model
    finally:
        await model.stop()
        async with asyncio.timeout(LIMIT):
            await supervision


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def model(weights: Path) -> AsyncIterator[EmbeddedModel]:
    async with running(EmbeddedModel("small", weights, context=CONTEXT, slots=2, log=Log())) as started:
        yield started


async def post(model: EmbeddedModel, body: dict[str, Any], key: str | None = None) -> tuple[int, bytes]:
    headers = {"authorization": f"Bearer {model.api_key if key is None else key}", "origin": "http://page.example"}
    url = f"{model.base_url}/chat/completions"
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(LIMIT)) as session,
        session.post(url, json=body, headers=headers) as reply,
    ):
        assert not reply.headers.get("access-control-allow-origin")
        return reply.status, await reply.read()


def asking(text: str = "Name a colour.", **more: Any) -> dict[str, Any]:
    return {"model": "any", "messages": [{"role": "user", "content": text}], "max_tokens": 12, **more}


async def test_chat(model: EmbeddedModel) -> None:
    status, body = await post(model, asking())
    answer = json.loads(body)
    assert status == 200
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "small"
    assert answer["choices"][0]["message"]["role"] == "assistant"
    assert answer["choices"][0]["message"]["content"]
    assert answer["choices"][0]["finish_reason"] in ("stop", "length")
    assert 0 < answer["usage"]["completion_tokens"] <= 12


async def test_stream(model: EmbeddedModel) -> None:
    status, body = await post(model, asking(stream=True, stream_options={"include_usage": True}))
    assert status == 200
    events = [event.removeprefix("data: ") for event in body.decode().split("\n\n") if event]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
    assert [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]][-1] in ("stop", "length")
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["prompt_tokens"] > 0


async def test_answer_held_to_a_schema(model: EmbeddedModel) -> None:
    colours = {"type": "object", "properties": {"colour": {"enum": ["red", "green"]}}, "required": ["colour"]}
    form = {"type": "json_schema", "json_schema": {"name": "colour", "schema": colours}}
    status, body = await post(model, asking(response_format=form, max_tokens=60))
    assert status == 200
    assert json.loads(json.loads(body)["choices"][0]["message"]["content"])["colour"] in ("red", "green")


async def test_each_slot_has_the_whole_context(model: EmbeddedModel) -> None:
    fits = "word " * (CONTEXT - 100)
    assert (await post(model, asking(fits)))[0] == 200
    status, body = await post(model, asking(fits + fits))
    assert status == 400
    assert json.loads(body)["error"]["n_ctx"] == CONTEXT


@pytest.mark.parametrize("key", ["", "wrong"])
async def test_nobody_asks_without_the_key(key: str, model: EmbeddedModel) -> None:
    assert (await post(model, asking(), key))[0] == 401


async def test_prompts_of_others_cannot_be_listed(model: EmbeddedModel) -> None:
    url = model.base_url.removesuffix("/v1") + "/slots"
    headers = {"authorization": f"Bearer {model.api_key}"}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as reply:
        assert reply.status == 501


@linux
async def test_key_and_content_are_nowhere_to_be_read(model: EmbeddedModel) -> None:
    process = Path(f"/proc/{model.pid}")
    shown = process.joinpath("cmdline").read_bytes() + process.joinpath("environ").read_bytes()
    assert b"embedded_child" in shown
    assert model.api_key.encode() not in shown
    # llama.cpp prints a grammar that it cannot parse, whatever its verbosity.
    assert (await post(model, asking(grammar="root ::= (")))[0] == 400
    assert [str((process / "fd" / fd).readlink()) for fd in "12"] == [os.devnull, os.devnull]
    limits = process.joinpath("limits").read_text().splitlines()
    assert [line.split()[4:6] for line in limits if line.startswith("Max core")] == [["0", "0"]]


def listening_at(port: int) -> list[str]:
    """The local addresses, as the kernel writes them, at which anyone listens on `port`."""
    tables = [Path(f"/proc/net/{table}").read_text().splitlines()[1:] for table in ("tcp", "tcp6")]
    rows = [row.split() for table in tables for row in table]
    return [row[1] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"]


@linux
async def test_listens_on_loopback_only(model: EmbeddedModel) -> None:
    port = int(model.base_url.removesuffix("/v1").rpartition(":")[2])
    assert listening_at(port) == [f"0100007F:{port:04X}"]


async def test_killed_child_comes_back_where_it_was(weights: Path) -> None:
    log = Log()
    async with running(EmbeddedModel("small", weights, context=CONTEXT, slots=1, log=log, patience=IMPATIENT)) as model:
        before = (model.base_url, model.api_key)
        first = model.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await log.until("answers again")
        assert model.pid not in (None, first)
        assert (model.base_url, model.api_key) == before
        assert (await post(model, asking()))[0] == 200
    assert log.lines[0] == "embedded model small ended (signal 9); it is started again in 0.05 s"


async def test_hanging_child_is_replaced(weights: Path) -> None:
    log = Log()
    async with running(EmbeddedModel("small", weights, context=CONTEXT, slots=1, log=log, patience=IMPATIENT)) as model:
        assert model.pid is not None
        os.kill(model.pid, signal.SIGSTOP)
        await log.until("does not answer")
        await log.until("answers again")
        assert (await post(model, asking()))[0] == 200


async def test_restarts_wait_longer_and_longer_and_end_when_the_cause_is_gone(weights: Path, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.symlink_to(weights)
    log = Log()
    async with running(EmbeddedModel("small", file, context=CONTEXT, slots=1, log=log, patience=IMPATIENT)) as model:
        assert model.pid is not None
        file.unlink()
        os.kill(model.pid, signal.SIGKILL)
        await log.until("The next try is in", times=4)
        waits = [line.rpartition(" in ")[2] for line in log.lines]
        assert waits[:5] == ["0.05 s", "0.1 s.", "0.2 s.", "0.4 s.", "0.4 s."]
        file.symlink_to(weights)
        await log.until("answers again")
        assert (await post(model, asking()))[0] == 200


async def test_nobody_takes_the_port_while_the_child_is_down(weights: Path) -> None:
    log = Log()
    slow = Patience(first_restart=3600.0)
    async with running(EmbeddedModel("small", weights, context=CONTEXT, slots=1, log=log, patience=slow)) as model:
        assert model.pid is not None
        port = int(model.base_url.removesuffix("/v1").rpartition(":")[2])
        os.kill(model.pid, signal.SIGKILL)
        await log.until("ended")
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
    # leaving the block has stopped the model in the middle of its hour


@pytest.mark.parametrize("size", [1000, 5_000_000])
async def test_broken_file_is_explained(size: int, weights: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    with weights.open("rb") as whole:
        broken.write_bytes(whole.read(size))
    model = EmbeddedModel("small", broken, context=CONTEXT, slots=1, log=Log())
    with pytest.raises(EmbeddedModelError) as refused:
        await model.start()
    await model.stop()
    assert f"llama.cpp could not load {broken} (status 1). The file may be incomplete" in str(refused.value)
    assert "failed to load model" in str(refused.value)
    assert model.pid is None


async def test_path_with_spaces(weights: Path, tmp_path: Path) -> None:
    file = tmp_path / "my models" / "Größe 1 (neu).gguf"
    file.parent.mkdir()
    file.symlink_to(weights)
    async with running(EmbeddedModel("ein Modell", file, context=CONTEXT, slots=1, log=Log())) as model:
        status, body = await post(model, asking())
    assert status == 200
    assert json.loads(body)["model"] == "ein Modell"


async def refusal(weights: Path, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the user is told when `library` stands in place of xllamacpp."""
    tmp_path.joinpath("xllamacpp.py").write_text(library)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    patience = Patience(ready=1.0)
    model = EmbeddedModel("small", weights, context=CONTEXT, slots=1, log=Log(), patience=patience)
    with pytest.raises(EmbeddedModelError) as refused:
        await model.start()
    assert model.pid is None
    await model.stop()
    return str(refused.value)


@pytest.mark.parametrize(
    ("library", "told"),
    [
        ("raise ModuleNotFoundError(\"No module named 'xllamacpp'\")", "`make serve` installs it"),
        ("import threading; threading.Event().wait()", "not ready within 1 s. Try a smaller model"),
        ("import os; os.kill(os.getpid(), 9)", "killed, as happens when memory runs out"),
        ("import os; os.kill(os.getpid(), 4)", "this processor lacks instructions"),
        ("import sys; sys.exit('x' * 10_000 + 'the end')", "xthe end"),
    ],
)
async def test_what_keeps_it_from_starting_is_told(
    library: str, told: str, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await refusal(weights, library, tmp_path, monkeypatch)
    assert told in message
    assert len(message) < 5000


async def test_a_start_that_is_given_up_leaves_no_child(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.joinpath("xllamacpp.py").write_text("import threading; threading.Event().wait()")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    model = EmbeddedModel("small", weights, context=CONTEXT, slots=1, log=Log())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await model.start()
    assert model.pid is None
    await model.stop()


async def test_address_is_known_only_once_started(weights: Path) -> None:
    model = EmbeddedModel("small", weights, context=CONTEXT, slots=1, log=Log())
    with pytest.raises(RuntimeError, match="has not been started"):
        _ = model.base_url
