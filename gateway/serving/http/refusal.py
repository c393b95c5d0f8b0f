"""Refusals: what a client is told when no application can, because what it sent is no request or the one that was to
answer it failed.

The shape is OpenAI's, which most clients here understand: the dialect is not known yet.
"""

from __future__ import annotations

import http

import orjson

_CLOSE = b"connection: close\r\n"


class Refusal(Exception):
    """Ends the connection. The message is for the client."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def answer(self, lines: bytes = b"", *, bodiless: bool = False) -> bytes:
        """The whole response. `lines` are further header lines; `bodiless` is the one to HEAD."""
        ours = self.status == 500
        error = {
            "message": self.message,
            "type": "server_error" if ours else "invalid_request_error",
            "param": None,
            "code": "internal_error" if ours else "bad_http",
        }
        body = orjson.dumps({"error": error})
        status = b"%d %b" % (self.status, http.HTTPStatus(self.status).phrase.encode())
        close = b"" if _CLOSE in lines else _CLOSE  # the server says it of every answer once it is told to end
        more = b"content-type: application/json\r\ncontent-length: %d\r\n%b" % (len(body), close)
        return b"HTTP/1.1 %b\r\n%b%b\r\n%b" % (status, lines, more, b"" if bodiless else body)
