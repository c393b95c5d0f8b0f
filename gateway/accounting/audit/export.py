"""Export: the records of a time as rows with names, for people and for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from gateway.accounting.audit.anchor import COLUMNS, Statement, anchor_of
from gateway.accounting.audit.reading import PAGE, newest_marks, records
from gateway.accounting.audit.tables import ANCHORS
from gateway.accounting.period import Period
from gateway.accounting.record import Declined, Intent, Settlement, UnreadableLine, record_of

Exported = dict[str, object]

FIELDS: Final = (
    *("time", "request_id", "attempt_id", "key", "team", "route", "role", "outcome", "clearance", "reason", "findings"),
    *("more", "masked", "deployment", "zone", "model", "replica", "chain", "number", "hash", "record"),
)
UNREADABLE: Final = "unreadable"
_NEVER: Final = 1e15  # seconds
_SPANS: Final = (
    select(*COLUMNS)
    .where(
        ANCHORS.c.replica == bindparam("replica"),
        ANCHORS.c.number > bindparam("after"),
        ANCHORS.c.kind == "records",
        ANCHORS.c.until >= bindparam("start"),
        ANCHORS.c.since < bindparam("end"),
    )
    .order_by(ANCHORS.c.number)
    .limit(PAGE)
)


def export(connection: Connection, period: Period) -> Iterator[Exported]:
    """Those made in the period, replica by replica, in the order in which they were written down; never all at once."""
    start = 0.0 if period.start is None else period.start
    end = _NEVER if period.end is None else period.end
    for replica in newest_marks(connection):
        after = 0
        asked = {"replica": replica, "start": start, "end": end}
        while page := connection.execute(_SPANS, asked | {"after": after}).all():
            for row in page:
                yield from _told_of(connection, anchor_of(row).statement, start, end)
            after = page[-1].number


def _told_of(connection: Connection, said: Statement, start: float, end: float) -> Iterator[Exported]:
    for row in records(connection, said):
        fields, at = _named(row.record)
        if at is None or start <= at < end:  # what cannot be read is shown, not left out
            place = {"replica": said.replica, "chain": said.chain, "number": row.number, "hash": row.hash}
            yield {**dict.fromkeys(FIELDS), **fields, **place, "record": row.record}


def _named(text: str) -> tuple[Exported, float | None]:
    try:
        record = record_of(text.encode())
        intent = record if isinstance(record, Intent) else record.intent
        time = datetime.fromtimestamp(intent.at, UTC).isoformat(timespec="milliseconds")
    except (UnreadableLine, OverflowError, ValueError, OSError):  # not as the gateway wrote it, or a time that is none
        return {"outcome": UNREADABLE}, None
    return {
        "time": time,
        "request_id": intent.request_id,
        "attempt_id": intent.attempt_id,
        "key": intent.key,
        "team": intent.team,
        "route": intent.route,
        "role": intent.role,
        "outcome": _outcome(record),
        "clearance": intent.clearance,
        "reason": intent.reason,
        "findings": intent.findings,
        "more": intent.more,
        "masked": intent.masked,
        "deployment": intent.deployment,
        "zone": intent.zone,
        "model": intent.model,
    }, intent.at


def _outcome(record: Intent | Settlement | Declined) -> str:
    """`sent` says that the content went to the deployment, not that an answer came."""
    return "sent" if isinstance(record, Intent) else record.outcome
