"""Quota: the settings that bound requests, tokens and dollars."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final, Literal, NamedTuple

from gateway.config.kinds import Within
from gateway.config.strict import Strict

Period = Literal["day", "week", "month"]
Whose = Literal["key", "team", "route", "tag"]
WHOSE: Final[tuple[Whose, ...]] = ("key", "team", "route", "tag")
MOST_HOURS: Final = 48
MOST_DAYS: Final = 92  # each is a number that has to be added up for every attempt
Share = Annotated[Decimal, Within(gt=0, le=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Strict):
    """How much may be asked. What is left out has no limit."""

    requests_per_minute: Annotated[int, Within(ge=0, le=100_000_000)] | None = None
    """Requests in any 60 seconds, those that are answered from the cache included."""
    tokens_per_minute: Annotated[int, Within(ge=0, le=100_000_000_000)] | None = None
    """Tokens in any 60 seconds, of prompts and answers together. A request takes the most that it can come to, and
    what it did not use is given back at its end."""
    concurrent: Annotated[int, Within(ge=0, le=1_000_000)] | None = None
    """Requests that are answered at the same time."""

    def __bool__(self) -> bool:
        return self.requests_per_minute is not None or self.tokens_per_minute is not None or self.concurrent is not None


NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget(Strict):
    """Dollars that may be spent in a period: exactly one of `period` and `rolling`."""

    amount: Annotated[Decimal, Within(ge=0, le=1_000_000_000)]
    """The most that is spent in a period, in dollars."""
    key: str | None = None
    """Whose it is: a key's, by name. At most one of `key`, `team`, `route`, `tag` and `each`; of none: everybody's
    together."""
    team: str | None = None
    """A team's, all its keys together."""
    route: str | None = None
    """What is asked of a route."""
    tag: str | None = None
    """What has a tag, such as `project=atlas`."""
    each: Whose | None = None
    """One such budget for every single key, team, route or tag."""
    period: Period | None = None
    """A calendar day, week (from Monday) or month."""
    rolling: str | None = None
    """The time until now instead: `1h` to `48h`, counted by the hour, or `1d` to `92d`, counted by the day. The oldest
    hour or day counts in full until it is over."""
    timezone: str | None = None
    """Where its days begin at midnight, such as `Europe/Berlin`. Left out: `server.timezone`."""
    hard: bool = True
    """When false nothing is refused: it is counted, and alerts are given."""
    at_limit: Literal["refuse", "stay-local"] = "refuse"
    """What becomes of a request that does not fit into it. `refuse`: 429 `insufficient_quota`; `stay-local`:
    deployments in zone `local` go on, all others are off."""
    alerts: tuple[Share, ...] = (Decimal("0.5"), Decimal("0.8"), Decimal("1"))
    """Shares of `amount` at which an alert is given, once in each period."""
    without_store: Literal["stay-local", "refuse", "allow"] = "stay-local"
    """What holds while nobody can say what is left of it, since the shared store is away."""
    unpriced: Literal["refuse", "allow"] = "refuse"
    """Whether a deployment whose price is unknown may be asked: what it costs cannot be held, nor counted."""

    @property
    def whose(self) -> tuple[Whose, ...]:
        """Of which kinds somebody is named; of one at most."""
        return tuple(kind for kind in WHOSE if getattr(self, kind) is not None)


class Rolled(NamedTuple):
    """A rolling budget: so many hours or days."""

    length: int
    unit: Literal["h", "d"]


def rolled(text: str) -> Rolled:
    """Raises `ValueError` for anything but `1h` to `48h` and `1d` to `92d`."""
    unit: Literal["h", "d"] = "h" if text.endswith("h") else "d"
    number = text.removesuffix(unit)
    if number == text or not (number.isascii() and number.isdigit()):
        raise ValueError("not a number of hours or days")
    count = int(number)
    if not 1 <= count <= (MOST_HOURS if unit == "h" else MOST_DAYS):
        raise ValueError("too long, or nothing")
    return Rolled(count, unit)
