"""Flight messages: what workers tell one another about an answer that is on its way.

Who waits joins; who leads tells it what comes. Only what may be anywhere is told at all: see `formation.py`.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder, Encoder

from gateway.wire.errors import (
    BadRequest,
    GatewayError,
    NoDeployment,
    TooManyRequests,
    UpstreamFailed,
    UpstreamTimedOut,
)


class Told(Struct, frozen=True, array_like=True, gc=False):
    """An error as it is told. `kind` is one of those that all may hear of."""

    kind: str
    message: str
    code: str | None
    retry_after: int | None


class Join(Struct, frozen=True, array_like=True, tag="join", gc=False):
    """Somebody at `sender` waits for what is asked under `key`. `streams`: pieces are of use there."""

    sender: str
    key: str
    streams: bool


class Leave(Struct, frozen=True, array_like=True, tag="leave", gc=False):
    """Nobody waits there any more."""

    sender: str
    key: str


class Wait(Struct, frozen=True, array_like=True, tag="wait", gc=False):
    """To who joined: something will come. `zone` and `clearance` as far as they are known by now."""

    sender: str
    key: str
    zone: str
    clearance: str


class Begin(Struct, frozen=True, array_like=True, tag="begin", gc=False):
    """`flight`: which of the sender's; the key alone would not tell it from the one before."""

    sender: str
    key: str
    flight: int
    preview: bytes  # an entry
    wants_usage: bool


class Piece(Struct, frozen=True, array_like=True, tag="piece", gc=False):
    """`start`: how many bytes of the stream come before. Where some are missing, the answer is lost."""

    sender: str
    key: str
    flight: int
    start: int
    data: bytes


class End(Struct, frozen=True, array_like=True, tag="end", gc=False):
    """After `size` bytes. `usage` is the event, in JSON; `entry` the whole answer, if it could be put together."""

    sender: str
    key: str
    flight: int
    size: int
    held: bytes
    usage: bytes | None
    entry: bytes | None
    error: Told | None


class Landed(Struct, frozen=True, array_like=True, tag="landed", gc=False):
    """`similarity`: as a flight has it."""

    sender: str
    key: str
    entry: bytes
    similarity: float | None = None


class Over(Struct, frozen=True, array_like=True, tag="over", gc=False):
    """There is nothing to wait for. `gone`: look again; `alone`: it is not for other workers; `failed`: another call is
    of no use either."""

    sender: str
    key: str
    why: Literal["gone", "alone", "failed"]
    error: Told | None = None


Message = Join | Leave | Wait | Begin | Piece | End | Landed | Over

_ENCODER: Final = Encoder()
_DECODER: Final[Decoder[Message]] = Decoder(Message)
_KINDS: Final[tuple[type[GatewayError], ...]] = (
    BadRequest,
    NoDeployment,
    TooManyRequests,
    UpstreamTimedOut,
    UpstreamFailed,
)


def encoded(message: Message) -> bytes:
    return _ENCODER.encode(message)


def decoded(data: bytes) -> Message | None:
    """None for what is none, or of another version."""
    try:
        return _DECODER.decode(data)
    except (DecodeError, UnicodeDecodeError):
        return None


def told(error: GatewayError) -> Told:
    kind = next((kind for kind in _KINDS if isinstance(error, kind)), UpstreamFailed)
    return Told(kind.__name__, error.message, error.code, error.retry_after)


def heard(error: Told) -> GatewayError:
    kind = next((kind for kind in _KINDS if kind.__name__ == error.kind), UpstreamFailed)
    return kind(error.message, code=error.code, retry_after=error.retry_after)
