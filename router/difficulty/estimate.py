"""A difficulty estimate: one number, and whether the model would rather not have been asked."""

from __future__ import annotations

from typing import NamedTuple


class Difficulty(NamedTuple):
    """`probability` is the calibrated P(the small model is not good enough), 0..1.

    `abstained` is true where the content is unlike anything the model was fitted on; the route's default decides then.
    """

    probability: float
    abstained: bool = False
