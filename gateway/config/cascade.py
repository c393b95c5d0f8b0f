"""Cascade: the settings of a route on which the small model answers first, and its answer is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from gateway.config.kinds import Within
from gateway.config.strict import Strict

Share = Annotated[float, Within(ge=0, le=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade(Strict):
    """For prompts of middling difficulty: the small model answers, and the large one only where that will not do."""

    band: tuple[Share, ...] = (0.35, 0.65)
    """Between which difficulties: `[from, to]`."""
    hold: Annotated[float, Within(gt=0, le=60)] = 1.5
    """Seconds that the beginning of a stream may be held back for a look at it."""
    samples: Annotated[int, Within(ge=1, le=2)] = 1
    """2: the small model is asked twice at once, and whether it says the same counts."""
    escalate_above: Share = 0.5
    """The probability of a bad answer, by the head, above which the large model is asked."""
    head: str | None = None
    """What `tidegate cascade fit` wrote: a directory. Left out: only what is certainly wrong with an answer counts."""
