"""HTTP as no client library speaks it: what reads in two ways is refused, and nobody holds a place by being slow."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time

import pytest

from tests.harness.client import ERROR_KEYS, Wire, ask, post, text_of
from tests.harness.gateway import Gateway
from tests.harness.prompts import EASY
from tests.servers.upstream import Upstreams

GOOD = json.dumps(ask(EASY, "small")).encode()
HEAD_SECONDS, BODY_SECONDS, LOOK = 20.0, 60.0, 5.0  # gateway/serving/http/limits.py, gateway/presence.py


def head(gateway: Gateway, *lines: str, path: str = "/v1/chat/completions", method: str = "POST") -> bytes:
    first = (f"{method} {path} HTTP/1.1", "host: gateway", f"authorization: Bearer {gateway.key}")
    return "\r\n".join([*first, *lines, "", ""]).encode()


def refusal(raw: bytes, status: int) -> dict[str, object]:
    """The error of the only answer, which says that the connection ends with it."""
    lines, _, body = raw.partition(b"\r\n\r\n")
    assert lines.startswith(b"HTTP/1.1 %d " % status), raw
    assert b"connection: close" in lines.lower()
    error: dict[str, object] = json.loads(body)["error"]
    assert error.keys() == ERROR_KEYS
    return error


AMBIGUOUS = {
    "two framings": ("content-length: {length}", "transfer-encoding: chunked"),
    "two framings, the other way round": ("transfer-encoding: chunked", "content-length: {length}"),
    "two lengths": ("content-length: {length}", "content-length: 5"),
    "a length that is a list": ("content-length: {length}, {length}",),
    "a length with a sign": ("content-length: +{length}",),
    "a coding in disguise": ("content-length: {length}", "transfer-encoding : chunked"),
}


@pytest.mark.parametrize("kind", AMBIGUOUS)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_request_of_two_lengths_is_refused_and_the_connection_closed(
    gateway: Gateway, upstreams: Upstreams, kind: str, chunked: bool
) -> None:
    """RFC 9112, section 6.1: somebody on the way may have read it as two requests. Nothing behind it is served."""
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(GOOD), GOOD) if chunked else GOOD
    lines = [line.format(length=len(body)) for line in AMBIGUOUS[kind]]
    with Wire(gateway) as wire:
        wire.socket.sendall(head(gateway, *lines) + body + head(gateway, path="/v1/models", method="GET"))
        refusal(wire.read_to_end(), 400)
    assert upstreams.local.journal.raw == b""


def test_of_good_requests_in_a_row_each_gets_its_answer(gateway: Gateway) -> None:
    """On one connection, sent ahead, in either framing."""
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(GOOD), GOOD)
    plain = head(gateway, f"content-length: {len(GOOD)}") + GOOD
    with Wire(gateway) as wire:
        wire.socket.sendall(plain + head(gateway, "transfer-encoding: chunked") + chunked + plain)
        while wire.read_until(b"local-model says").count(b"local-model says") < 3:
            wire.read_more()
        assert wire.read_until(b"local-model says").count(b"HTTP/1.1 200 ") == 3


@pytest.mark.parametrize("path", ["/healthz", "/v1/models", "/openapi.json"])
def test_the_head_alone_is_the_same_without_its_body(gateway: Gateway, path: str) -> None:
    with Wire(gateway) as wire:
        wire.socket.sendall(head(gateway, "connection: close", path=path, method="HEAD"))
        lines, _, body = wire.read_to_end().partition(b"\r\n\r\n")
    assert lines.startswith(b"HTTP/1.1 200 ")
    assert b"\r\ncontent-length: " in lines
    assert body == b""


def test_nobody_is_waited_for_without_end(gateway: Gateway) -> None:
    """A head and a body that come a byte at a time: each ends at its limit with an answer, and others are served."""
    beginnings = {
        "head": head(gateway)[:-2] + b"x-slow: ",
        "body": head(gateway, "content-length: 1000") + b"{",
    }
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        wires = {name: stack.enter_context(Wire(gateway)) for name in beginnings}
        for name, wire in wires.items():
            wire.socket.sendall(beginnings[name])
        ended = drip({name: wire.socket for name, wire in wires.items()}, started)
        errors = {name: refusal(wire.read_to_end(), 408) for name, wire in wires.items()}
    assert HEAD_SECONDS <= ended["head"] <= HEAD_SECONDS + 2 * LOOK
    assert BODY_SECONDS <= ended["body"] <= BODY_SECONDS + 2 * LOOK
    assert (errors["head"]["code"], errors["body"]["code"]) == ("bad_http", "body_too_slow")
    assert text_of(post(gateway, ask(EASY, "small"))).startswith("local-model says")


def drip(sockets: dict[str, socket.socket], started: float) -> dict[str, float]:
    """A byte a second on each until it is answered; after how many seconds that was."""
    ended: dict[str, float] = {}
    while len(ended) < len(sockets):
        waiting = {sock: name for name, sock in sockets.items() if name not in ended}
        answered, _, _ = select.select(waiting, [], [], 1.0)
        seconds = time.monotonic() - started
        ended |= {waiting[sock]: seconds for sock in answered}
        assert seconds < BODY_SECONDS + 3 * LOOK, f"still waited for, apart from {ended}"
        for sock in waiting.keys() - set(answered):
            sock.sendall(b"x")
    return ended
