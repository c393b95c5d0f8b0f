"""Feedback: what somebody says of an answer, read from a request's body, and what it means.

It is about the answer that was delivered: a small model's gives `weak`, a large one's `strong`. A correction says that
the answer was not good; how far it was off is not guessed, so it is worth 0 like a thumb down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from gateway.learning.note import sealed
from gateway.learning.sample import Label, Sample, Source
from gateway.stores.seal import Seal
from gateway.wire.errors import BadRequest

WEIGHT: Final = 1.0
MOST_CHARACTERS: Final = 100_000  # of a correction
_ID: Final = "request_id"
_KINDS: Final = ("thumbs", "score", "correction", "preferred")
_IGNORED: Final = "comment"
_THUMBS: Final = {"up": 1.0, "down": 0.0}


class Feedback(NamedTuple):
    """`score`: how good the answer was, 0..1. `preferred`: the request with the better answer to the same question."""

    request_id: str
    source: Source
    score: float
    correction: str | None = None
    preferred: str | None = None


def feedback_of(body: Mapping[str, object]) -> Feedback:
    """Raises `BadRequest`, in words that quote nothing of the body."""
    known = (_ID, *_KINDS, _IGNORED)
    if any(name not in known for name in body):
        raise BadRequest(f"There is an unknown field. Known are: {', '.join(known)}.", code="unknown_field")
    request_id = body.get(_ID)
    if not isinstance(request_id, str):
        missing = "missing_required_parameter" if request_id is None else "invalid_type"
        raise BadRequest(
            "`request_id` is required: the `x-request-id` of the answer that this is about.", param=_ID, code=missing
        )
    given = [name for name in _KINDS if body.get(name) is not None]
    if len(given) != 1:
        raise BadRequest(f"Say exactly one of {', '.join(_KINDS)}.", code="missing_required_parameter")
    return _READERS[given[0]](request_id, body[given[0]])


def _thumbs(request_id: str, value: Any) -> Feedback:
    if not isinstance(value, str) or value not in _THUMBS:
        raise BadRequest("`thumbs` must be up or down.", param="thumbs", code="invalid_value")
    return Feedback(request_id, "thumbs", _THUMBS[value])


def _score(request_id: str, value: Any) -> Feedback:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise BadRequest("`score` must be a number from 0 to 1.", param="score", code="invalid_value")
    return Feedback(request_id, "score", float(value))


def _correction(request_id: str, value: Any) -> Feedback:
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_CHARACTERS:
        message = (
            f"`correction` must be a text of 1 to {MOST_CHARACTERS} characters: the answer as it should have been."
        )
        raise BadRequest(message, param="correction", code="invalid_value")
    return Feedback(request_id, "correction", 0.0, correction=value)


def _preferred(request_id: str, value: Any) -> Feedback:
    if not isinstance(value, str):
        message = "`preferred` must be the id of another request: the one with the better answer to the same question."
        raise BadRequest(message, param="preferred", code="invalid_value")
    return Feedback(request_id, "preferred", 0.0, preferred=value)


_READERS: Final[Mapping[str, Callable[[str, Any], Feedback]]] = {
    "thumbs": _thumbs,
    "score": _score,
    "correction": _correction,
    "preferred": _preferred,
}


def label_of(feedback: Feedback, sample: Sample, key: str, at: float, *, seal: Seal | None = None) -> Label:
    """What `key` says of a request. `seal` is given where the words of a correction may be kept."""
    text = None
    if seal is not None and feedback.correction is not None:
        text = sealed(seal, sample, feedback.correction.encode("utf-8", "replace"))
    weak, strong = (feedback.score, None) if sample.went == "small" else (None, feedback.score)
    return Label(sample.request_id, at, feedback.source, key, weak, strong, WEIGHT, text)


def preference_of(worse: Sample, better: Sample, key: str, at: float) -> Label:
    """Of two answers to one question the second was better. Raises `BadRequest` where that says nothing."""
    if worse.features != better.features or worse.route != better.route:
        raise BadRequest(
            "`preferred` must be a request to the same route with the same question.",
            param="preferred",
            code="not_comparable",
        )
    if worse.went == better.went:
        raise BadRequest(
            "Both answers came from the same side, so preferring one says nothing about when to ask the other.",
            param="preferred",
            code="not_comparable",
        )
    weak, strong = (0.0, 1.0) if worse.went == "small" else (1.0, 0.0)
    return Label(worse.request_id, at, "preferred", key, weak, strong, WEIGHT)
