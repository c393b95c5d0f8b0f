"""Drained: what the journals of a configuration still hold is moved into its ledger before the ledger is read."""

from __future__ import annotations

import sys
import time
from functools import partial

from gateway.accounting.audit.key import signing_key
from gateway.accounting.audit.signer import Signer
from gateway.accounting.drain import Drain
from gateway.accounting.ledger import Ledger
from gateway.config.loaded import Loaded


def drain_first(loaded: Loaded, ledger: Ledger, what: str) -> None:
    """Says on stderr that `what` may be incomplete where the journals cannot be read.

    Raises `LedgerUnavailable`, and `ConfigurationError` where the audit's key cannot be used.
    """
    journals = loaded.state_directory / "journal"
    if not journals.is_dir():
        return
    try:
        Drain(journals, partial(_same, ledger), time.time, signer=Signer.of(signing_key(loaded))).step()
    except OSError as error:  # somebody else's files: what is in the ledger can still be shown
        print(f"the journals cannot be read, the {what} may lack the last requests: {error}", file=sys.stderr)


def _same(ledger: Ledger) -> Ledger:
    return ledger
