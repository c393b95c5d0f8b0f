"""Capabilities: what a request can ask of a deployment beyond reading text and answering it, by a word for each.

The words are those of the configuration. A deployment has all but those that it lacks; a request needs few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

CAPABILITIES: Final = (
    "tools",
    "vision",
    "audio",
    "files",
    "json_schema",
    "logprobs",
    "choices",
    "seed",
    "stop",
    "reasoning",
    "completions",
    "echo",
    "suffix",
)

Needs = Mapping[str, str]
"""What a request asks a deployment to be able to do: each capability, and the parameter that asks for it."""

NO_NEEDS: Final[Needs] = MappingProxyType({})
LACKS_NOTHING: Final[frozenset[str]] = frozenset()


def missing(needs: Needs, lacking: Sequence[frozenset[str]]) -> str:
    """The capability to name where each of several deployments lacks one: what none of them has, else the first's."""
    for name in needs:
        if all(name in lacks for lacks in lacking):
            return name
    return next(name for name in needs if name in lacking[0])
