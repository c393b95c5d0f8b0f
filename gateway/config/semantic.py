"""Semantic: the settings of answers to questions that were asked before in other words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Self

from gateway.config.kinds import Within
from gateway.config.strict import Strict

Similarity = Annotated[float, Within(ge=0.5, le=1.0)]
Patience = Annotated[float, Within(gt=0, le=5)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Semantic(Strict):
    """On this route a question may be answered with the answer to another that means the same. It needs the exact cache
    and `pip install 'tidegate[semantic]'`."""

    enabled: bool = True
    """When false the route has none, as where all this is left out."""
    thresholds: dict[str, Similarity] = field(default_factory=dict)
    """How alike two questions must be, as the cosine of their vectors, by language (`en`, `de`); what is left out is
    as it was calibrated for the encoder that ships. `tidegate cache calibrate` measures it on your own questions."""
    longest: Annotated[int, Within(ge=16, le=1000)] = 300
    """Characters of a question; a longer one is answered anew."""
    most: Annotated[int, Within(ge=16, le=100_000)] = 2000
    """Questions that are kept for each asker and each setting of the rest of the request."""
    patience: Patience = 0.1
    """Seconds a question may wait for its vector; then it is answered anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder(Strict):
    """What makes vectors of questions, for all routes. It works in the gateway's own process: nothing is sent away."""

    directory: str | None = None
    """Of another encoder: `model.onnx` and `tokenizer.json`, as sentence-transformers exports them. Left out: the one
    of the package. With another one every route needs `thresholds`."""
    prefix: str = ""
    """What the encoder wants before every text, such as `query: `."""

    def beside(self, directory: Path) -> Self:
        """The same, with a directory that can be opened from anywhere."""
        if self.directory is None:
            return self
        return replace(self, directory=str(directory / Path(self.directory).expanduser()))
