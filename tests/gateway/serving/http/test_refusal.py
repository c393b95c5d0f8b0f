"""If these fail, a client that sent nonsense cannot read what was wrong with it."""

from __future__ import annotations

import orjson

from gateway.serving.http.refusal import Refusal


def test_a_refusal_is_a_whole_answer_in_openais_shape() -> None:
    head, _, body = Refusal(431, "Too large.").answer(b"date: now\r\n").partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 431 Request Header Fields Too Large",
        b"date: now",
        b"content-type: application/json",
        b"content-length: %d" % len(body),
        b"connection: close",
    ]
    error = {"message": "Too large.", "type": "invalid_request_error", "param": None, "code": "bad_http"}
    assert orjson.loads(body) == {"error": error}


def test_a_fault_of_ours_is_called_one() -> None:
    body = Refusal(500, "Failed.").answer().partition(b"\r\n\r\n")[2]
    assert orjson.loads(body)["error"]["type"] == "server_error"


def test_to_head_only_the_head_is_sent() -> None:
    refusal = Refusal(500, "Failed.")
    head, end, _ = refusal.answer().partition(b"\r\n\r\n")
    assert refusal.answer(bodiless=True) == head + end
