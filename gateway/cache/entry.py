"""Entry: one answer as it is kept, and its form in bytes.

    version (1 byte) · CRC-32 of all that follows (4) · length of the body when unpacked (4) · the fields as MessagePack

Anything that cannot be read, of another version or damaged, is a miss and never an error.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder, Encoder
from msgspec.structs import replace

SCHEMA: Final = 4
_HEAD: Final = struct.Struct("<BII")
_SUMMED_FROM: Final = 5  # where what the CRC covers begins
_COMPRESS_FROM: Final = 1024  # bytes; below, zlib saves little
_LEVEL: Final = 1  # on chat answers a third faster than the default of 6, and 6 % larger at most
_MAX_BODY: Final = 64 * 1024 * 1024  # bytes; what a damaged or hostile entry may unpack to
_AS_IT_IS: Final = 0xFFFF_FFFF  # in place of a length: the body is not compressed


class Entry(Struct, frozen=True, array_like=True, gc=False):
    """A complete answer with what a later receipt has to say about it. New fields go to the end and have a default."""

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
    masked: str = ""
    """Of an answer with placeholders: which masked form of the question it is to, as a keyed hash."""
    chosen: str = ""
    """The class that the decision chose, and that answered: `small`, `large`, or a deployment that is of neither."""
    names: tuple[str, ...] = ()
    """What it can be purged by: see `purges.py`."""
    era: int = 0
    """The last purge that was known when the question came."""

    def encode(self) -> bytes:
        length = len(self.body)
        if _COMPRESS_FROM <= length <= _MAX_BODY:
            fields = _ENCODER.encode(replace(self, body=zlib.compress(self.body, _LEVEL)))
        else:
            fields, length = _ENCODER.encode(self), _AS_IT_IS
        summed = length.to_bytes(4, "little") + fields
        return _HEAD.pack(SCHEMA, zlib.crc32(summed), length) + fields

    @classmethod
    def decode(cls, data: bytes | memoryview) -> Entry | None:
        """The inverse of `encode`; `None` for anything else."""
        if len(data) < _HEAD.size:
            return None
        view = memoryview(data)
        version, checksum, length = _HEAD.unpack_from(view)
        if version != SCHEMA or checksum != zlib.crc32(view[_SUMMED_FROM:]):
            return None
        try:
            entry = _DECODER.decode(view[_HEAD.size :])
        except (DecodeError, UnicodeDecodeError):
            return None
        if length == _AS_IT_IS:
            return entry
        body = _unpack(entry.body, length)
        return None if body is None else replace(entry, body=body)


_ENCODER: Final = Encoder()
_DECODER: Final = Decoder(Entry)


def _unpack(body: bytes, length: int) -> bytes | None:
    if length > _MAX_BODY:
        return None
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(body, length + 1)
    except zlib.error:
        return None
    return unpacked if len(unpacked) == length and unpacker.eof else None
