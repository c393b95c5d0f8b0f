"""Entry: one answer as it is kept, and its form in bytes.

    version (1 byte) · CRC-32 of all that follows (4) · length of the facts (4) · facts as JSON · body, maybe compressed

Anything that cannot be read, of another version or damaged, is a miss and never an error.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any, Self

import orjson

SCHEMA = 1
_HEAD = struct.Struct("<BII")
_COMPRESS_FROM = 1024  # bytes; below, zlib saves little
_LEVEL = 1  # on chat answers a third faster than the default of 6, and 6 % larger at most
_MAX_BODY = 64 * 1024 * 1024  # bytes; what a damaged or hostile entry may unpack to


@dataclass(frozen=True, slots=True)
class Entry:
    """A complete answer with what a later receipt has to say about it."""

    body: bytes
    """One `chat.completion` in JSON, as an unstreamed upstream answer would be."""
    stored_at: float
    """Seconds since the epoch."""
    deployment: str
    zone: str
    model: str
    clearance: str
    """Of the request that it answered, as `str(Clearance)`."""
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    estimated: bool = False
    """The token counts are the gateway's own, the upstream gave none."""
    finish: str = "stop"
    """`finish_reason` of the first choice."""

    def encode(self) -> bytes:
        packed = len(self.body) >= _COMPRESS_FROM
        body = zlib.compress(self.body, _LEVEL) if packed else self.body
        facts = orjson.dumps(
            [
                len(self.body) if packed else -1,
                self.stored_at,
                self.deployment,
                self.zone,
                self.model,
                self.clearance,
                self.prompt_tokens,
                self.completion_tokens,
                self.cached_tokens,
                self.estimated,
                self.finish,
            ]
        )
        return _HEAD.pack(SCHEMA, zlib.crc32(body, zlib.crc32(facts)), len(facts)) + facts + body

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """The inverse of `encode`; `None` for anything else."""
        if len(data) < _HEAD.size:
            return None
        version, checksum, facts_length = _HEAD.unpack_from(data)
        if version != SCHEMA or checksum != zlib.crc32(memoryview(data)[_HEAD.size :]):
            return None
        start = _HEAD.size + facts_length
        try:
            facts = orjson.loads(data[_HEAD.size : start])
        except orjson.JSONDecodeError:
            return None
        if not _are_facts(facts):
            return None
        body = _unpack(data[start:], facts[0])
        return None if body is None else cls(body, *facts[1:])


_FACT_TYPES = (int, float, str, str, str, str, int, int, int, bool, str)


def _are_facts(facts: Any) -> bool:
    return (
        isinstance(facts, list)
        and len(facts) == len(_FACT_TYPES)
        and all(type(fact) is kind for fact, kind in zip(facts, _FACT_TYPES, strict=True))
    )


def _unpack(body: bytes, length: int) -> bytes | None:
    if length < 0:
        return body
    if length > _MAX_BODY:
        return None
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(body, length + 1)
    except zlib.error:
        return None
    return unpacked if len(unpacked) == length and unpacker.eof else None
