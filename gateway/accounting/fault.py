"""What is wrong where an attempt cannot be written down."""

from __future__ import annotations

from gateway.wire.errors import Unavailable


class JournalUnavailable(Unavailable):
    """A line could not be written. Before a call: it must not be made. After it: the answer must not be completed."""

    code = "ledger_unavailable"
