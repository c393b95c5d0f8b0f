"""Retrying: the settings of calls that are made again, and of deployments that fail and may be well again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from gateway.config.kinds import Within
from gateway.config.strict import Strict

Share = Annotated[float, Within(ge=0, le=1)]
Wait = Annotated[float, Within(ge=0, le=60)]  # seconds
Pause = Annotated[float, Within(gt=0, le=3600)]  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries(Strict):
    """When a deployment is asked again that failed in a way which may pass, before the next one is asked."""

    per_attempt: Annotated[int, Within(ge=0, le=5)] = 1
    """How often; 0: never."""
    budget: Share = 0.1
    """How many calls more there may be because of it, as a share of the calls to a deployment, for each worker."""
    first_wait: Wait = 0.1
    """The longest wait before the first of them, in seconds; how long it is, is drawn. It doubles with each."""
    longest_wait: Wait = 2.0
    """The longest wait before any of them, in seconds."""
    charged: bool = False
    """Whether a deployment outside zone `local` is asked again, too, where the call that failed may be charged: one
    that broke off after it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedge(Strict):
    """A second deployment that is asked where the first keeps silent; whoever begins to answer first is taken."""

    after: Literal["off", "p95"] | Pause = "off"
    """`p95`: after the time within which the first one has begun 19 of 20 answers lately; a number: after so many
    seconds; `off`: never. Both calls are paid for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaking(Strict):
    """When a deployment that fails is asked last, and for how long."""

    failures: Annotated[int, Within(ge=1, le=1000)] = 3
    """After so many failures in a row."""
    pause: Pause = 10.0
    """Seconds until one request may try whether it is well again. They double with each that finds it is not, up to
    eightfold, and are drawn a little longer or shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health(Strict):
    """Looking whether a deployment that nobody asks, or that is down, is there: by a GET that costs nothing."""

    every: Annotated[float, Within(ge=0, le=3600)] | None = None
    """Seconds between two looks, drawn a little longer or shorter; 0: never. Left out: 10 in zone `local`, and never
    elsewhere."""
    path: str | None = None
    """What is asked for, behind the address without its `/v1`, such as `/health`. Left out: the models, `/v1/models`.
    Whatever it says but 502, 503 and 504 means that it is there."""
