"""Records: the two lines the journal holds for an attempt, as data and as bytes.

An `Intent` is written before a call is made, a `Settlement` when what it cost is known. Neither holds content, a
matched value, or a key: `key` is the key's name, `findings` are counts by type.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, get_args

import orjson

from gateway.accounting.money import LIMIT, exact
from gateway.accounting.usage import MOST_TOKENS, Usage

Outcome = Literal["ok", "error", "cut", "cancelled", "abandoned", "hit"]
CacheUse = Literal["hit", "miss", "bypass", "off"]

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
CACHE_USES: Final[tuple[CacheUse, ...]] = get_args(CacheUse)


class UnreadableLine(ValueError):
    """A line that is no record: cut off, garbled, or from a version that writes other fields."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be asked, of whom, for whom, and why."""

    attempt_id: str
    request_id: str
    at: float  # seconds since the epoch
    key: str  # the key's name
    team: str | None
    route: str
    deployment: str  # empty for a cache hit
    zone: str
    model: str
    clearance: str
    reason: str
    difficulty: float | None
    findings: Mapping[str, int]  # how many of each type
    prompt_estimate: int  # tokens


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an attempt ended and what it cost. A cost of None is unknown; a cost of 0 is known to be nothing."""

    attempt_id: str
    at: float  # seconds since the epoch
    outcome: Outcome
    status: int  # HTTP status the caller saw, 0 if none
    usage: Usage | None
    cost: Decimal | None  # dollars
    counterfactual: Decimal | None  # dollars: the same tokens on the reference deployment
    latency: float  # seconds
    first_token: float | None  # seconds
    cache: CacheUse
    streamed: bool


def line_of(record: Intent | Settlement) -> bytes:
    """`["intent", {…}]` or `["settled", {…}]` and a line feed."""
    kind = "intent" if isinstance(record, Intent) else "settled"
    return orjson.dumps((kind, record), default=_plain, option=orjson.OPT_APPEND_NEWLINE)


def record_of(line: bytes) -> Intent | Settlement:
    """The reverse of `line_of`. Raises `UnreadableLine` for anything the ledger could not hold."""
    try:
        kind, body = orjson.loads(line)
        if kind == "intent":
            return _intent(body)
        if kind == "settled":
            return _settlement(body)
    except (ValueError, TypeError, KeyError, InvalidOperation) as error:
        raise UnreadableLine(type(error).__name__) from error
    raise UnreadableLine("unknown kind")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def _intent(body: dict[str, object]) -> Intent:
    findings = body["findings"]
    if not isinstance(findings, dict):
        raise TypeError
    return Intent(
        attempt_id=_text(body["attempt_id"], least=1),
        request_id=_text(body["request_id"]),
        at=_number(body["at"]),
        key=_text(body["key"]),
        team=None if body["team"] is None else _text(body["team"]),
        route=_text(body["route"]),
        deployment=_text(body["deployment"]),
        zone=_text(body["zone"]),
        model=_text(body["model"]),
        clearance=_text(body["clearance"]),
        reason=_text(body["reason"]),
        difficulty=None if body["difficulty"] is None else _number(body["difficulty"]),
        findings={_text(name): _whole(count) for name, count in findings.items()},
        prompt_estimate=_whole(body["prompt_estimate"]),
    )


def _settlement(body: dict[str, object]) -> Settlement:
    outcome, cache, usage = body["outcome"], body["cache"], body["usage"]
    if outcome not in OUTCOMES or cache not in CACHE_USES:
        raise ValueError
    return Settlement(
        attempt_id=_text(body["attempt_id"], least=1),
        at=_number(body["at"]),
        outcome=outcome,
        status=_whole(body["status"]),
        usage=None if usage is None else _usage(usage),
        cost=_money(body["cost"]),
        counterfactual=_money(body["counterfactual"]),
        latency=_number(body["latency"]),
        first_token=None if body["first_token"] is None else _number(body["first_token"]),
        cache=cache,
        streamed=_flag(body["streamed"]),
    )


def _usage(body: object) -> Usage:
    if not isinstance(body, dict):
        raise TypeError
    counts = {field.name: _whole(body.get(field.name, 0)) for field in fields(Usage) if field.name != "estimated"}
    return Usage(**counts, estimated=_flag(body["estimated"]))


def _text(value: object, *, least: int = 0) -> str:
    if not isinstance(value, str) or len(value) < least or "\0" in value:  # PostgreSQL's text holds no NUL
        raise TypeError
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_TOKENS:
        raise TypeError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _money(value: object) -> Decimal | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError
    amount = Decimal(value)
    if not amount.is_finite() or abs(amount) >= LIMIT:
        raise ValueError
    return exact(amount)
