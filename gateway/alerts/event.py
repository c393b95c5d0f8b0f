"""An event: what there is to tell of a budget, and how it is told. Names, dates and dollars; never content."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

import orjson

from gateway.config.alerts import Kind

Scope = Literal["key", "team", "route", "tag", "total"]
TEST = "test"  # the type of what is sent to try a webhook out
ROLLING_TTL = 86_400  # seconds: a rolling budget has no period in which something could be told once
_MARGIN = 3_600  # seconds beyond the end of a period, for clocks that differ
_PLACES = -12  # an amount is counted in millionths of millionths of a dollar
# A caller may write anything into a tag, and what looks like more than a word is not handed on.
_WORD = re.compile(r"[a-z0-9][a-z0-9._:=/-]{0,63}\Z")
_UNNAMED = "(a tag that is not shown)"


class Term(NamedTuple):
    """The time that a budget counts: `begins` and `ends` are seconds since the epoch; a rolling one has neither."""

    name: str
    """`day`, `week`, `month`, or `24h` and the like."""
    begins: int | None = None
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to tell. `share` is of the budget's amount; None: not every request fits any more."""

    kind: Kind
    budget: str
    scope: Scope
    whose: str | None
    term: Term
    amount: Decimal
    spent: Decimal
    share: Decimal | None
    at_limit: str
    at: float

    @property
    def id(self) -> str:
        """The same at every worker, replica and try: who is told twice can tell by it."""
        told = (self.kind, self.budget, self.scope, self.whose, *self.term, str(self.amount), str(self.share))
        return f"evt_{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]}"

    @property
    def ttl(self) -> int:
        """For how many seconds it is not told again."""
        return ROLLING_TTL if self.term.ends is None else max(self.term.ends - int(self.at), 0) + _MARGIN

    @property
    def named(self) -> str | None:
        """Whose it is, as outsiders may read it."""
        if self.scope != "tag" or self.whose is None or _WORD.match(self.whose):
            return self.whose
        return _UNNAMED

    @property
    def text(self) -> str:
        """A sentence."""
        of = f"{_shown(self.spent, self.amount)} of {_shown(self.amount, self.amount)} $ are spent"
        whose = f" of {self.scope} {self.named}" if self.scope != "total" else ""
        since = f"{self.term.name} from {_date(self.term.begins)}" if self.term.begins else f"last {self.term.name}"
        if self.share is not None:
            return f"Budget {self.budget}{whose} has passed {_percent(self.share)} for the {since}: {of}."
        does = "go on at home only" if self.at_limit == "stay-local" else "are refused"
        return f"Budget {self.budget}{whose} is at its limit for the {since}: {of}; requests that do not fit {does}."

    def body(self) -> bytes:
        """What a webhook is sent."""
        told: dict[str, object] = {"type": self.kind, "timestamp": _time(self.at), "text": self.text}
        told["data"] = {
            "budget": self.budget,
            "scope": self.scope,
            "whose": self.named,
            "period": self.term.name,
            "from": _time(self.term.begins),
            "to": _time(self.term.ends),
            "share": None if self.share is None else _plain(self.share),
            "amount_usd": _plain(self.amount),
            "spent_usd": _plain(self.spent),
            "at_limit": self.at_limit,
        }
        return orjson.dumps(told)


def sample(at: float) -> bytes:
    """What a webhook is sent to try it out; `at` is seconds since the epoch."""
    return orjson.dumps(
        {"type": TEST, "timestamp": _time(at), "text": "A test of alerts: nothing has happened.", "data": {}}
    )


def dollars(count: int) -> Decimal:
    """An amount that is counted in millionths of millionths of a dollar."""
    return Decimal(count).scaleb(_PLACES)


def _plain(number: Decimal) -> str:
    """Every digit, no exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _percent(share: Decimal) -> str:
    return f"{_plain(share * 100)} %"


def _shown(amount: Decimal, of: Decimal) -> str:
    """To the cent, where that says something of such a budget."""
    return f"{amount:.2f}" if of >= 1 else _plain(amount)


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _time(seconds: float | None) -> str | None:
    """RFC 3339, in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
