"""A note: what is held of an answered request until its sample is made, a second later. Its only text is the view."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import NamedTuple

import orjson

from gateway.learning.sample import Sample, Went
from gateway.stores.seal import Label, Seal
from router.difficulty.features import read
from router.difficulty.sample import pack
from router.difficulty.view import View

_SHARES = 1 << 32


class Note(NamedTuple):
    """`at` is when the answer was out, in seconds since the epoch; all else as in a sample."""

    request_id: str
    at: float
    key: str
    team: str | None
    route: str
    small: str
    large: str
    went: Went
    difficulty: float | None
    clearance: str
    view: View
    captured: bool = False

    def sample(self, seal: Seal | None) -> Sample:
        """Some 40 µs for a short prompt, twice that for the longest."""
        text = None
        if self.captured and seal is not None:
            with suppress(orjson.JSONEncodeError):  # not valid Unicode: nobody could read it either
                text = sealed(seal, self, orjson.dumps(tuple(self.view)))
        return Sample(
            self.request_id,
            self.at,
            self.key,
            self.team,
            self.route,
            self.small,
            self.large,
            self.went,
            self.difficulty,
            pack(read(self.view)),
            text,
            self.clearance,
        )


def is_kept(request_id: str, share: float) -> bool:
    """The same for one request at every place and time, and for `share` of all requests."""
    digest = hashlib.blake2b(request_id.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") < share * _SHARES


def sealed(seal: Seal, row: Note | Sample, content: bytes) -> bytes:
    """Opens in this row only, and only as long as nobody gave it another key or clearance."""
    return seal.sealed(_outside(row), content)


def opened(seal: Seal, row: Note | Sample, content: bytes) -> bytes | None:
    """None for what was sealed with another key, or in another row."""
    return seal.opened(_outside(row), content)


def view_in(seal: Seal, sample: Sample) -> View | None:
    """The text that was captured; None where there is none, or where it does not open."""
    content = None if sample.text is None else opened(seal, sample, sample.text)
    return None if content is None else View(*orjson.loads(content))


def _outside(row: Note | Sample) -> Label:
    return Label(row.request_id, row.key, row.clearance, int(row.at))
