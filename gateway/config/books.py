"""Books: the settings of the ledger, and of the journals in front of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from gateway.config.kinds import Secret, Within
from gateway.config.strict import Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger(Strict):
    """Where every request's cost is written down."""

    url: Secret = Secret("")  # noqa: RUF009 -- frozen
    """`sqlite:///FILE` (a relative file stands beside the configuration) or `postgresql://user:password@host/database`.
    Empty: `ledger.db` in the state directory."""
    fsync: bool = False
    """Also survive power loss: the journal is flushed to the disk before an answer ends."""
    when_full: Literal["accept", "refuse"] = "accept"
    """While the ledger's database is away, what it has to be told waits on the disk. `accept`: as much as there is room
    for. `refuse`: up to `spool_max_bytes`; then requests are refused with 503 `ledger_unavailable`, before anything is
    sent."""
    spool_max_bytes: Annotated[int, Within(ge=33_554_432)] = 1_073_741_824
    """How much may wait where `when_full` is `refuse`; an attempt takes some 500 bytes. Counted are the journals in the
    state directory."""
