"""Signals: what a key does next tells a little of how good an answer was.

*Regenerate*: the same conversation is asked again within minutes. *Follow-up*: the next turn says that the answer was
wrong, or thanks for it. Remembered are digests under a secret of this process, never what was said. A guess is worth
less than a word, so these labels weigh `WEIGHT`; a program that repeats itself is told by its haste or its persistence.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

import orjson

from gateway.learning.cues import verdict_of
from gateway.learning.sample import Label, Source, Went

WEIGHT: Final = 0.3
MOST: Final = 10_000  # conversations, some 4 MB
REGENERATE_SECONDS: Final = 600.0
HASTE_SECONDS: Final = 2.0  # nobody reads an answer and asks again within that
MOST_TIMES: Final = 3  # the same conversation; what goes on asking it is no person
FOLLOW_UP_SECONDS: Final = 3600.0
MOST_MESSAGES: Final = 100  # longer conversations are left alone


class Asked(NamedTuple):
    """The last answer to a conversation, and how often it was asked. `at` is in seconds since the epoch."""

    request_id: str
    went: Went
    at: float
    times: int


class Turn(NamedTuple):
    """Digests of a conversation whole, and as it was before the last answer and what was said to that; `said` is that.

    `before` is None where there was no answer yet.
    """

    whole: bytes
    before: bytes | None
    said: str


class Signals:
    """Of one worker: what another one answered is not remembered here."""

    def __init__(self, secret: bytes | None = None, most: int = MOST) -> None:
        self._secret = os.urandom(32) if secret is None else secret
        self._most = most
        self._asked: OrderedDict[bytes, Asked] = OrderedDict()

    def turn(self, route: str, key: str, messages: object) -> Turn | None:
        """None for what is no conversation that ends with what a user says, or is a very long one."""
        if not isinstance(messages, list) or not 0 < len(messages) <= MOST_MESSAGES:
            return None
        last = messages[-1]
        if not isinstance(last, dict) or last.get("role") != "user":
            return None
        digest = hashlib.blake2b(orjson.dumps((route, key)), digest_size=16, key=self._secret)
        follows = len(messages) > 2 and isinstance(messages[-2], dict) and messages[-2].get("role") == "assistant"
        try:
            for message in messages[:-2]:
                digest.update(orjson.dumps(message))
            before = digest.digest() if follows else None
            for message in messages[-2:]:
                digest.update(orjson.dumps(message))
        except orjson.JSONEncodeError:  # what cannot be written was not sent either
            return None
        return Turn(digest.digest(), before, _text(last.get("content")))

    def heed(
        self, turn: Turn, key: str, now: float, *, regenerate: bool = True, follow_up: bool = True
    ) -> Sequence[Label]:
        """What a turn says of earlier answers. `now` is when it was asked."""
        labels: list[Label] = []
        if regenerate and (asked := self._asked.get(turn.whole)) is not None:
            waited = now - asked.at
            if HASTE_SECONDS <= waited <= REGENERATE_SECONDS and asked.times < MOST_TIMES:
                labels.append(_label(asked, now, "regenerate", key, 0.0))
        if follow_up and turn.before is not None and (asked := self._asked.get(turn.before)) is not None:
            verdict = verdict_of(turn.said) if now - asked.at <= FOLLOW_UP_SECONDS else None
            if verdict is not None:
                labels.append(_label(asked, now, "follow-up", key, verdict))
        return labels

    def remember(self, turn: Turn, request_id: str, went: Went, now: float) -> None:
        """The answer to a turn is out."""
        asked = self._asked.get(turn.whole)
        again = asked is not None and now - asked.at <= REGENERATE_SECONDS
        times = asked.times + 1 if asked is not None and again else 1
        self._asked[turn.whole] = Asked(request_id, went, now, times)
        self._asked.move_to_end(turn.whole)
        if len(self._asked) > self._most:
            self._asked.popitem(last=False)


def _label(asked: Asked, now: float, source: Source, key: str, score: float) -> Label:
    weak, strong = (score, None) if asked.went == "small" else (None, score)
    return Label(asked.request_id, now, source, key, weak, strong, WEIGHT)


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return " ".join(text for text in texts if isinstance(text, str))
