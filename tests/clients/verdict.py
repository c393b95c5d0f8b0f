"""Verdicts: whether what a client saw is what the behaviour should have shown it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.clients.behaviours import BEHAVIOURS, RETRY_AFTER
from tests.clients.catalogue import Client
from tests.upstream.behaviours import UNICODE
from tests.upstream.manners import CITY

_ANSWER = re.compile(r"local-model says: read \d+ words, digest [0-9a-f]{8}\.")
_BEGINNING = re.compile(r"local-model says: (read )?")
_BY_NAME = {behaviour.name: behaviour for behaviour in BEHAVIOURS}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a client saw of one behaviour in one way, as its script wrote it down."""

    way: str
    dialect: str
    streamed: bool
    behaviour: str
    seen: Mapping[str, Any]
    requests: int  # that reached the upstream
    seconds: float

    @property
    def name(self) -> str:
        return f"{self.way}: {self.behaviour}"

    @property
    def in_words(self) -> str:
        """A few words for the matrix."""
        seen = self.seen
        if seen["error"] and seen["text"]:
            return f"beginning, then `{seen['error']}`"
        if seen["error"]:
            return f"`{seen['error']}`" + (f" {seen['status']}" if seen["status"] else "")
        calls = len(seen["calls"])
        what = "answer" if not calls else "1 call" if calls == 1 else f"{calls} calls"
        if seen["parsed"]:
            return "object"
        if seen["logprobs"]:
            return f"{what} with logprobs"
        return f"{what} at the second try" if self.behaviour == "429-once" and self.requests == 2 else what


def wrong_with(client: Client, sight: Sight) -> str | None:
    """What is wrong, or None."""
    expected = client.differs.get((sight.behaviour, sight.streamed)) or _BY_NAME[sight.behaviour].expected(
        streamed=sight.streamed
    )
    assert expected is not None, f"{sight.name} was not asked for"
    kind, _, rest = expected.partition(":")
    found = _JUDGES[kind](client, sight, rest)
    return None if found else f"expected {expected}, saw {dict(sight.seen)} after {sight.requests} requests"


def _is_fine(sight: Sight) -> bool:
    return sight.seen["error"] is None


def _answer(_client: Client, sight: Sight, _rest: str) -> bool:
    return _is_fine(sight) and _ANSWER.fullmatch(sight.seen["text"]) is not None


def _unicode(_client: Client, sight: Sight, _rest: str) -> bool:
    return _is_fine(sight) and sight.seen["text"] == UNICODE


def _calls(_client: Client, sight: Sight, count: str) -> bool:
    wanted = [["look", {"city": f"City {place}"}] for place in range(int(count))]
    return _is_fine(sight) and sight.seen["calls"] == wanted


def _object(_client: Client, sight: Sight, _rest: str) -> bool:
    return _is_fine(sight) and sight.seen["parsed"] == CITY


def _logprobs(client: Client, sight: Sight, rest: str) -> bool:
    return _answer(client, sight, rest) and sight.seen["logprobs"] == len(sight.seen["text"].split())


def _error(client: Client, sight: Sight, status: str) -> bool:
    """Told once: what the gateway has tried elsewhere is not asked for again."""
    told = sight.seen["status"]
    return (
        sight.seen["error"] == client.errors[status]
        and told in (None, int(status))
        and sight.seen["text"] == ""
        and sight.requests == 1
    )


def _cut(client: Client, sight: Sight, _rest: str) -> bool:
    begun = _BEGINNING.fullmatch(sight.seen["text"]) is not None
    return begun and sight.seen["error"] == client.errors["cut"] and sight.requests == 1


def _retried(client: Client, sight: Sight, rest: str) -> bool:
    if client.repeats:
        return _answer(client, sight, rest) and sight.requests == 2 and sight.seconds >= RETRY_AFTER
    return _error(client, sight, "429")


_JUDGES = {
    "answer": _answer,
    "unicode": _unicode,
    "calls": _calls,
    "object": _object,
    "logprobs": _logprobs,
    "error": _error,
    "cut": _cut,
    "retried": _retried,
}
