"""A domain: what is computed of a prompt to see whether it belongs there. Fitted by `fitting.py`.

A score is a sum over the prompt's words, by its length, and a weighted sum of its structural numbers. From 0 on the
prompt belongs to the domain; 1 is what the examples reach on average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.difficulty.structure import Weighing


@dataclass(frozen=True, slots=True)
class Domain:
    """`table`: one small integer per key of a word, worth `step` each. `own`: the share of the examples that would be
    claimed had they not been used (leave one out). `false`: the share of the background that is claimed.
    """

    name: str
    table: NDArray[np.int8]
    step: float
    structure: Weighing
    bias: float
    own: float
    false: float
    examples: int
