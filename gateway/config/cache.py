"""Cache: the settings of answers that are given again, for the file and for a route."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from gateway.config.kinds import Secret, Within
from gateway.config.semantic import Encoder, Semantic
from gateway.config.strict import Strict

Sharing = Literal["key", "team", "global"]
Sensitive = Literal["never", "encrypted"]
Ttl = Annotated[int, Within(ge=1, le=31_536_000)]
Stale = Annotated[int, Within(ge=0, le=31_536_000)]

_UNSET = Secret("")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCache(Strict):
    """Answers given again, on this route; what is left out is as the file has it."""

    enabled: bool | None = None
    """Whether to give the same answer to the same request again."""
    ttl: Ttl | None = None
    """Seconds an answer may be given again."""
    stale: Stale | None = None
    """Seconds more, while no deployment can answer."""
    scope: Sharing | None = None
    """Who shares an entry."""
    sensitive: Sensitive | None = None
    """What becomes of sensitive answers."""
    semantic: Semantic | None = None
    """Answers to the same question in other words; left out: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache(Strict):
    """The same answer to the same question: how long, for whom, and where it is kept."""

    enabled: bool = False
    """Whether to give the same answer to the same request again."""
    ttl: Ttl = 3600
    """Seconds an answer may be given again."""
    stale: Stale = 0
    """Seconds more that it may be given while no deployment can answer."""
    scope: Sharing = "key"
    """Who shares an entry."""
    sensitive: Sensitive = "never"
    """What becomes of answers to questions that may not go everywhere, or in which something was found: `never` keeps
    none; `encrypted` keeps them with `key`, for the virtual key that asked and for no other."""
    key: Secret = _UNSET
    """What the encryption key is made from; take it from the environment. Replicas that share a Redis need the same."""
    former_keys: tuple[Secret, ...] = ()
    """Those before it, which what is kept may still be encrypted with."""
    single_flight: bool = True
    """Whether the same request, asked again while its answer is on the way, shares that answer."""
    max_entry_bytes: Annotated[int, Within(ge=1024)] = 1_048_576
    """A larger answer is not kept."""
    max_memory_bytes: Annotated[int, Within(ge=65_536)] = 67_108_864
    """How large the cache in memory may grow; without Redis only."""
    encoder: Encoder = field(default_factory=Encoder)
    """What routes with `semantic` compare questions with."""
