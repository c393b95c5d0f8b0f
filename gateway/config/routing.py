"""Routing: the settings of a route's rules and specialists. `routebook.py` puts them in the router's terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from gateway.config.kinds import Within
from gateway.config.strict import Strict

Modality = Literal["text", "image", "audio", "video", "file"]
Count = Annotated[int, Within(ge=0, le=1_000_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Strict):
    """How long the text of a request is, system prompt, earlier turns and tools included."""

    longer_than: Count | None = None
    """More than so many."""
    shorter_than: Count | None = None
    """Fewer than so many."""
    unit: Literal["tokens", "characters"] = "tokens"
    """What is counted; a token is taken for four characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds(Strict):
    """A number within bounds, both included."""

    at_least: Annotated[float, Within(ge=-1_000_000_000, le=1_000_000_000)] | None = None
    """Not less than this."""
    at_most: Annotated[float, Within(ge=-1_000_000_000, le=1_000_000_000)] | None = None
    """Not more than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions(Strict):
    """What a request has to be like. Of a list, one is enough; of different conditions, all have to hold."""

    keys: tuple[str, ...] | None = None
    """Asked with one of these keys."""
    teams: tuple[str, ...] | None = None
    """Asked with a key of one of these teams."""
    tags: tuple[str, ...] | None = None
    """Tagged by its caller with one of these: header `x-tidegate-tags`, or `metadata.tags` of the body."""
    languages: tuple[str, ...] | None = None
    """The last user turn is in one of these languages, such as `fr`; `unknown` where that cannot be told."""
    length: Length | None = None
    """How long it is."""
    turns: Bounds | None = None
    """How many turns are the user's."""
    tools: bool | None = None
    """Whether it has tools."""
    modalities: tuple[Modality, ...] | None = None
    """Holds one of these; `text` is a request that holds nothing else."""
    matches: str | None = None
    """A regular expression in [RE2](https://github.com/google/re2/wiki/Syntax) that occurs in the last user turn."""
    system_matches: str | None = None
    """One that occurs in the system prompt."""
    hours: str | None = None
    """Such as `22:00-06:00`, by the clocks of `timezone`."""
    days: tuple[str, ...] | None = None
    """Such as `[mon-fri]`; hours that go over midnight belong to the day on which they begin."""
    timezone: str | None = None
    """Such as `Europe/Berlin`. Left out: `server.timezone`."""
    temperature: Bounds | None = None
    """The request's `temperature`; without one this does not hold."""
    max_tokens: Bounds | None = None
    """The limit that the request sets for its answer; without one this does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRule(Strict):
    """What goes where. It orders the deployments that may see a request, and never lets another one see it."""

    name: str
    """Shown as the reason, such as `rule(night)`."""
    when: Conditions = field(default_factory=Conditions)
    """Left out: always."""
    use: str
    """`small`, `large`, or a deployment of the route, which is then tried first, before the others of its class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialist(Strict):
    """A deployment for one domain, which a few dozen examples describe. What belongs there goes to it first; everything
    else goes on as if there were no specialist."""

    name: str
    """Shown as the reason, such as `specialist(support-faq)`."""
    deployment: str
    """The deployment; it need not be among `small` and `large`."""
    examples: str
    """A file of prompts, 10 at least: one a line, or JSON Lines (`.jsonl`) of objects with `prompt` or `messages`. A
    relative path starts at the configuration."""
    false_claims: Annotated[float, Within(gt=0, le=0.05)] | None = None
    """The share of prompts of other kinds that it may claim. Left out: 0.004."""
