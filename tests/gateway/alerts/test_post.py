"""If these fail, an alert is lost at a receiver that is there, or hangs for ever at one that is not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from gateway.alerts.post import Unreached, post
from gateway.version import VERSION
from tests.gateway.raw_server import request_of, serving
from tests.harness.certificate import certificate
from tests.harness.ports import free_port
from tests.servers.webhooks import WebhookReceiver
from tests.upstream.http import Reply

BODY = '{"text": "€"}'.encode()


async def test_what_is_sent(webhooks: WebhookReceiver) -> None:
    assert await post(webhooks.url, {"webhook-id": "evt_1"}, BODY, 5) == 204
    (told,) = webhooks.told
    assert told.path == "/alerts?team=ops"
    assert told.body == BODY
    assert told.headers == {
        "host": webhooks.url.split("/")[2],
        "user-agent": f"tidegate/{VERSION}",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "connection": "close",
        "webhook-id": "evt_1",
    }


@pytest.mark.parametrize("status", [200, 302, 404, 500])
async def test_the_status_is_told_and_a_redirect_is_not_followed(webhooks: WebhookReceiver, status: int) -> None:
    webhooks.answers = [status]
    webhooks.location = "http://127.0.0.1:9/elsewhere"
    assert await post(webhooks.url, {}, BODY, 5) == status
    assert len(webhooks.told) == 1


async def test_proxy_variables_are_not_heeded(webhooks: WebhookReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await post(webhooks.url, {}, BODY, 5) == 204


async def kind_of(url: str, seconds: float = 5) -> str:
    with pytest.raises(Unreached) as raised:
        await post(url, {}, BODY, seconds)
    return raised.value.kind


async def test_nobody_there() -> None:
    assert await kind_of(f"http://127.0.0.1:{free_port()}/") == "connection"
    assert await kind_of("http://no-such-host.invalid/") == "connection"


async def test_nobody_answers(webhooks: WebhookReceiver) -> None:
    webhooks.hold()
    started = time.monotonic()
    assert await kind_of(webhooks.url, 0.2) == "timeout"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"SSH-2.0-OpenSSH_9\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 40_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_answer(said: bytes) -> None:
    async def conversation(_number: int, reader: asyncio.StreamReader, reply: Reply) -> None:
        await request_of(reader)
        await reply.raw(said)

    async with serving(conversation) as url:
        assert await kind_of(url) == "answer"


async def test_interim_answers_are_no_answers() -> None:
    async def conversation(_number: int, reader: asyncio.StreamReader, reply: Reply) -> None:
        await request_of(reader)
        await reply.raw(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.0 202 Accepted\r\n\r\n")

    async with serving(conversation) as url:
        assert await post(url, {}, BODY, 5) == 202


@pytest.mark.parametrize("trusted", [True, False])
async def test_certificates_are_verified(trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both, alone = certificate(tmp_path, "alerts.lan")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(alone))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(BODY)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.9", 0, ssl=context) as server:
        url = f"https://127.0.0.9:{server.sockets[0].getsockname()[1]}/"
        if trusted:
            assert await post(url, {}, BODY, 5) == 200
        else:
            assert await kind_of(url) == "connection"


async def test_an_answer_counts_though_the_connection_is_not_ended_as_it_should_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the same is told again and again."""
    both, alone = certificate(tmp_path, "alerts.lan")
    monkeypatch.setenv("SSL_CERT_FILE", str(alone))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    over = threading.Event()

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with context.wrap_socket(connection, server_side=True) as secured:
            while BODY not in secured.recv(65_536):
                pass
            secured.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            over.wait(30)  # and it reads nothing more, the end of the conversation neither

    with socket.create_server(("127.0.0.9", 0)) as listener:
        server = threading.Thread(target=answer, args=(listener,))
        server.start()
        try:
            assert await post(f"https://127.0.0.9:{listener.getsockname()[1]}/", {}, BODY, 3) == 200
        finally:
            over.set()
            await asyncio.to_thread(server.join)


@pytest.mark.parametrize("host", ["a..b.example", ".example.com", "a" * 70 + ".example"])
async def test_a_name_that_no_host_can_have(host: str) -> None:
    assert await kind_of(f"https://{host}/") == "connection"
