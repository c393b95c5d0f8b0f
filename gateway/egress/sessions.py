"""Sessions: which deployment has the prompt of a conversation, so that it need not be read again.

Known by a keyed hash of what begins it, in the memory of one worker, bounded, and forgotten after a while. Who has not
seen a conversation computes where it belongs (rendezvous hashing), so replicas agree without talking.
"""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Final, NamedTuple

import orjson

MOST: Final = 20_000  # conversations; some 300 bytes each
KEPT_SECONDS: Final = 600.0  # OpenAI: cached prefixes remain active for 5 to 10 minutes of inactivity
_FIRST: Final = 65_536  # characters of a text, or of a picture, that tell one conversation from another
_PARTS: Final = 64  # of a message, that do
_DEEPEST: Final = 3  # a list of parts, a part, the address of a picture


class Kept(NamedTuple):
    """Who answered a conversation last, `at` steady seconds: so many tokens of it were then read and written there."""

    deployment: str
    read: int
    written: int
    at: float


class Sessions:
    """`clock` is steady seconds."""

    __slots__ = ("_clock", "_kept", "_most", "_secret")

    def __init__(self, secret: bytes, clock: Callable[[], float], most: int = MOST) -> None:
        self._secret = secret[:64]
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()  # the one used last stands last

    def name(self, who: str, said: str | None, body: Mapping[str, object]) -> bytes | None:
        """What a conversation is called here: by what the caller calls it (`said`, or `prompt_cache_key`), else by its
        system prompt and first question. None where it has neither. Those of different keys (`who`) are never one.
        """
        called = said or body.get("prompt_cache_key")
        digest = hashlib.blake2b(key=self._secret, digest_size=16, person=b"tidegate.session")
        digest.update(b"%d:%b" % (len(who), who.encode()))
        if isinstance(called, str) and called:
            digest.update(b"called:" + called.encode("utf-8", "surrogatepass"))
            return digest.digest()
        first = _beginning(body.get("messages"))
        if first is None:
            return None
        for text in first:
            digest.update(b"%d:%b" % (len(text), text))
        return digest.digest()

    def kept(self, session: bytes) -> Kept | None:
        kept = self._kept.get(session)
        if kept is not None and self._clock() - kept.at > KEPT_SECONDS:
            del self._kept[session]
            return None
        return kept

    def keep(self, session: bytes, deployment: str, read: int, written: int) -> None:
        kept, now = self._kept, self._clock()
        kept.pop(session, None)
        while kept and (len(kept) >= self._most or now - kept[next(iter(kept))].at > KEPT_SECONDS):
            kept.popitem(last=False)
        kept[session] = Kept(deployment, read, written, now)

    def __len__(self) -> int:
        return len(self._kept)


def home_of(session: bytes, members: Iterable[tuple[str, int]]) -> str:
    """Of names with their weights, the one where the session belongs: each has its part of all sessions, and where one
    goes, only its own sessions move. Empty where there is none.
    """
    best, most = "", -1.0
    for name, weight in members:
        drawn = int.from_bytes(hashlib.blake2b(name.encode(), key=session, digest_size=8).digest())
        score = weight / -math.log((drawn + 1) / (2.0**64 + 2))
        if score > most:
            best, most = name, score
    return best


def _beginning(messages: object) -> list[bytes] | None:
    """What stands before the first answer, up to the first question."""
    if not isinstance(messages, list):
        return None
    first: list[bytes] = []
    for message in messages:
        if not isinstance(message, dict):
            return None
        try:
            first.append(orjson.dumps(_shortened(message.get("content"), _DEEPEST)))
        except orjson.JSONEncodeError:
            return None
        if message.get("role") == "user":
            return first
    return None


def _shortened(value: object, depth: int) -> object:
    """A message may be megabytes long, and nobody else is served while they are hashed."""
    if isinstance(value, str):
        return value[:_FIRST]
    if isinstance(value, list):
        return [_shortened(part, depth - 1) for part in value[:_PARTS]] if depth else None
    if isinstance(value, dict):
        return {name: _shortened(part, depth - 1) for name, part in islice(value.items(), _PARTS)} if depth else None
    return value
