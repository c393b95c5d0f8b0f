"""CORS: which pages in a browser may read what this gateway answers (https://fetch.spec.whatwg.org/#http-cors-protocol).

None may unless the configuration names their origins. Keys are sent in a header, never by the browser on its own, so
pages get no credentials: whoever names `*` gives nothing away but to those who have a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.wire.http import Headers, Message, Send

EVERYONE = "*"
_REMEMBERED = b"600"  # seconds that a browser asks no second time; a change of the configuration takes as long


class Cors:
    """`origins` are as browsers send them, or `*`."""

    __slots__ = ("_anybody", "_origins")

    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)
        self._anybody = EVERYONE in origins

    def answering(self, scope: Mapping[str, Any], send: Send) -> Send:
        """`send`, with what a page is to be told in the answer's header fields."""
        asked = dict(scope["headers"])
        origin = asked.get(b"origin")
        # A cache between them must not give one page what another was told.
        added: Headers = [] if self._anybody else [(b"vary", b"origin")]
        is_allowed = origin is not None and (self._anybody or origin in self._origins)
        if is_allowed:
            shown = b"*" if self._anybody else asked[b"origin"]
            added += [(b"access-control-allow-origin", shown), (b"access-control-expose-headers", b"*")]
        is_question = is_allowed and scope["method"] == "OPTIONS" and b"access-control-request-method" in asked

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], *added]
                if is_question:
                    headers += _permissions(asked, dict(headers))
                message = {**message, "headers": headers}
            await send(message)

        return sending


def _permissions(asked: Mapping[bytes, bytes], answered: Mapping[bytes, bytes]) -> Headers:
    """What a page may send: by the methods that there are, and any header field, of which SDKs have many."""
    permissions = [
        (b"access-control-allow-methods", answered.get(b"allow", b"")),
        (b"access-control-max-age", _REMEMBERED),
    ]
    wanted = asked.get(b"access-control-request-headers")
    return permissions if wanted is None else [*permissions, (b"access-control-allow-headers", wanted)]


def cors_of(origins: Sequence[str]) -> Cors | None:
    return Cors(origins) if origins else None
