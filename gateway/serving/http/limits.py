"""Limits: how long a client may take, and how much it may send in vain. Answers have none: whoever makes them has."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    look: float = 5.0  # seconds from one look of a connection's timer to the next; the others are as exact as this
    head: float = 20.0  # seconds from a head's first byte to its last
    request: float = 90.0  # seconds of a whole request; the data plane gives bodies less, and answers in its dialect
    unread: float = 60.0  # seconds in which a client that has an answer to read takes nothing
    linger: float = 5.0  # seconds to read the last answer of a connection and close it
    moment: float = 1.0  # seconds, when the server ends, for a head that has begun and for a last answer to be read
    rest: int = 32 * 1024 * 1024  # bytes of a body whose request is answered already, read so that the next can come
    ahead: int = 256  # requests sent ahead of their answers, which a single read may hold
    ahead_read: int = 16  # of them after which nothing more is read
