"""Samples and labels: what is kept of a request, and how good somebody found its answer."""

from __future__ import annotations

from typing import Literal, NamedTuple

from router.difficulty.features import Reading

Went = Literal["small", "large"]
Source = Literal["thumbs", "score", "correction", "preferred", "regenerate", "follow-up", "shadow", "file"]

_SAID = frozenset(
    {"thumbs", "score", "correction", "preferred"}
)  # what somebody says takes the place of what they said


class Sample(NamedTuple):
    """One request. `at` is in seconds since the epoch; `features` are a packed reading (`router.difficulty.sample`).

    `small` and `large` are deployments: the one that answered, and the one of the other class that would have.
    `text` is sealed, and None unless the route captures.
    """

    request_id: str
    at: float
    key: str
    team: str | None
    route: str
    small: str
    large: str
    went: Went
    difficulty: float | None
    features: bytes
    text: bytes | None = None
    clearance: str = "local"
    """How far the content may travel that the sample was made from, and with it the sample."""


class Label(NamedTuple):
    """What `source` says of an answer: how good the small model's was (`weak`), or the large one's (`strong`), 0..1.

    `key` is who says it, by name; empty for the gateway itself. `text` is a sealed correction.
    """

    request_id: str
    at: float
    source: Source
    key: str
    weak: float | None
    strong: float | None
    weight: float
    text: bytes | None = None

    @property
    def id(self) -> str:
        """The same for what replaces it: one says one thing of a request, however often and in whatever form."""
        slot = "feedback" if self.source in _SAID else self.source
        return f"{self.request_id}/{slot}/{self.key}"


class LabelledRow(NamedTuple):
    """A label with the reading of its request. `at` is the label's."""

    reading: Reading
    weak: float | None
    strong: float | None
    weight: float
    key: str
    source: str
    at: float
    request_id: str
    route: str
