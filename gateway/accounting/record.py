"""Records: the lines of the journal, as data and as bytes.

An `Intent` is written before a call is made, a `Settlement` when what it cost is known, a `Declined` where a decision
came to no call. None holds content, a matched value, or a key: `key` is the key's name, `findings` are counts by type.

A line is a JSON array of the fields in their order. A settlement begins with its whole intent, so it needs no other
line to be understood: `["id", …]` is an intent, `[["id", …], …]` a settlement, `{…}` a decision that came to no call.
New fields go to the end and have a default; then lines of an older and of a later version are read for what is known.

What says where content goes is audited: an intent, a declined one, and the settlement of a hit. The line then has a tab
and its place in the worker's chain after the record: see `audit/chain.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct
from msgspec.json import Decoder, Encoder

from gateway.accounting.money import LIMIT
from gateway.accounting.usage import Count, Usage

Outcome = Literal["ok", "error", "cut", "cancelled", "abandoned", "hit"]
CacheUse = Literal["hit", "miss", "stale", "bypass", "off"]

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
CACHE_USES: Final[tuple[CacheUse, ...]] = get_args(CacheUse)

# What an attempt was for. `answer`: the client's own answer. `cascade`: an answer that was looked at and not delivered.
# `shadow`: another deployment's answer to the same question, for learning. `judge`: a comparison of two answers.
# `hedge`: one of two calls that were made at once, and not the one that was delivered.
Role = Literal["answer", "shadow", "judge", "cascade", "hedge"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

Refusal = Literal["no_deployment", "blocked", "refused", "limited"]

SETTLED: Final = b"[["  # how the line of a settlement begins
DECLINED: Final = b"{"  # and that of a decision that came to no call
NUL: Final = b"\\u0000"  # as JSON writes it; PostgreSQL's text cannot hold it


class UnreadableLine(ValueError):
    """A line that is no record: cut off, garbled, or from a version that writes other fields."""


class Intent(Struct, frozen=True, array_like=True, gc=False):
    """What is about to be asked, of whom, for whom, and why."""

    attempt_id: Annotated[str, Meta(min_length=1)]
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
    prompt_estimate: Count  # tokens
    findings: dict[str, Count]  # how many of each type
    masked: dict[str, Count] = {}  # how many of each type went out as placeholders
    more: bool = False  # the scan looked no further: `findings` are at least so many
    role: Role = "answer"  # what it is asked for; its settlement says what came of it
    tags: tuple[str, ...] = ()  # the caller's and the key's, in order
    held: Decimal | None = (
        None  # dollars: the most it can cost; None where nothing had to be held, or no bound is known
    )


class Declined(Struct, frozen=True, gc=False):
    """A decision after which nothing was sent. `no_deployment`: none that may see the content can answer; `blocked`: a
    policy forbids the request; `refused`: the guard stopped a call to the intent's deployment; `limited`: a limit or a
    budget has nothing left.
    """

    intent: Intent  # its deployment and zone are empty where none was chosen
    outcome: Refusal


class Settlement(Struct, frozen=True, array_like=True, gc=False):
    """How an attempt ended and what it cost. A cost of None is unknown; a cost of 0 is known to be nothing."""

    intent: Intent
    at: float  # seconds since the epoch
    outcome: Outcome
    status: Count  # HTTP status the caller saw, 0 if none
    usage: Usage | None
    cost: Decimal | None  # dollars
    counterfactual: Decimal | None  # dollars: the same tokens on the reference deployment
    latency: float  # seconds
    first_token: float | None  # seconds
    cache: CacheUse
    streamed: bool

    @property
    def attempt_id(self) -> str:
        return self.intent.attempt_id


_ENCODER: Final = Encoder()
write_record: Final[Callable[[Intent | Settlement | Declined, bytearray], None]] = _ENCODER.encode_into
"""Puts a record into a buffer, instead of what was there. JSON as written here holds no line feed and no tab."""
_INTENT: Final = Decoder(Intent)
_SETTLEMENT: Final = Decoder(Settlement)
_DECLINED: Final = Decoder(Declined)
_LEAST: Final = -LIMIT


def line_of(record: Intent | Settlement | Declined) -> bytes:
    """The line of a record, with its line feed."""
    return _ENCODER.encode(record) + b"\n"


def record_of(line: bytes) -> Intent | Settlement | Declined:
    """The reverse of `line_of`. Raises `UnreadableLine` for anything the ledger could not hold."""
    if line.startswith(DECLINED):
        return declined_of(line)
    return settlement_of(line) if line.startswith(SETTLED) else intent_of(line)


def intent_of(line: bytes) -> Intent:
    """Raises `UnreadableLine` for anything the ledger could not hold."""
    try:
        intent = _INTENT.decode(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableLine(type(error).__name__) from error
    _check_intent(intent, line)
    return intent


def intents_of(lines: Sequence[bytes]) -> list[Intent] | None:
    """Of many lines in one go, in their order. None if any may be none: then each has to be looked at."""
    text = b"\n".join(lines)
    if holds_nul(text):
        return None
    try:
        intents = _INTENT.decode_lines(text)
    except (ValueError, RecursionError):
        return None
    if not all(intent.held is None or is_held(intent.held) for intent in intents):
        return None
    return intents if [intent.attempt_id.encode() for intent in intents] == first_texts(lines) else None


def is_held(amount: Decimal) -> bool:
    """Whether it is an amount that the ledger can hold, and that somebody can have held."""
    return amount.is_finite() and 0 <= amount < LIMIT


def first_texts(lines: Iterable[bytes]) -> list[bytes]:
    """The first text in each line: the attempt's name, if the line is a record and the name needs no escaping.

    Lines that are no records can still make some together: one that ends too early takes in the next. Then they differ.
    """
    return [line.partition(b'"')[2].partition(b'"')[0] for line in lines]


def holds_nul(text: bytes) -> bool:
    return b"\\" in text and NUL in text  # one character is looked for ten times as fast as several


def lines_of(records: Sequence[Intent]) -> list[str]:
    """Of many records, without line feeds."""
    return _ENCODER.encode_lines(records).decode().split("\n")[:-1]


def settlement_of(line: bytes) -> Settlement:
    """Raises `UnreadableLine` for anything the ledger could not hold."""
    try:
        settlement = _SETTLEMENT.decode(line)
        _check_money(settlement)
    except (ValueError, RecursionError, ArithmeticError) as error:  # a NaN cannot be compared
        raise UnreadableLine(type(error).__name__) from error
    _check_intent(settlement.intent, line)
    if NUL in line and settlement.usage is not None and "\0" in settlement.usage.tier:
        raise UnreadableLine("NUL")
    return settlement


def declined_of(line: bytes) -> Declined:
    """Raises `UnreadableLine`."""
    try:
        return _DECLINED.decode(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableLine(type(error).__name__) from error


def _check_money(settlement: Settlement) -> None:
    cost, counterfactual = settlement.cost, settlement.counterfactual
    if cost is not None and not _LEAST < cost < LIMIT:
        raise UnreadableLine("cost")
    if counterfactual is not None and not _LEAST < counterfactual < LIMIT:
        raise UnreadableLine("counterfactual")


def _check_intent(intent: Intent, line: bytes) -> None:
    if intent.held is not None and not is_held(intent.held):
        raise UnreadableLine("held")
    if NUL in line and _has_nul(intent):
        raise UnreadableLine("NUL")


def _has_nul(intent: Intent) -> bool:
    texts = (getattr(intent, name) for name in intent.__struct_fields__)
    return any(isinstance(text, str) and "\0" in text for text in (*texts, *intent.findings, *intent.tags))
