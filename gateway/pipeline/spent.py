"""Spent: what the ledger says was spent in a slice, for the quota store that has to know. Blocks: asked in a thread."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.accounting.journals import Journals
from gateway.quota.amounts import quanta_of
from gateway.quota.ask import Slice

if TYPE_CHECKING:
    from gateway.accounting.ledger import Ledger

_LOG: Final = logging.getLogger(__name__)


class Spent:
    """A `Seed`. `journals` is the directory of the journals, `identity` whose own is not waited for.

    The ledger's libraries are loaded when it is first asked, which a configuration without budgets never does.
    """

    def __init__(self, journals: Path, identity: str) -> None:
        self._journals = Journals(journals)
        self._identity = identity
        self._url = ""
        self._opened: tuple[str, Ledger] | None = None

    def look_in(self, url: str) -> None:
        """The ledger that is asked from now on."""
        self._url = url

    def __call__(self, of: Slice) -> Mapping[str, int] | None:
        """None while the ledger is away, or lacks what a worker that has ended wrote down."""
        from gateway.accounting.ledger import LedgerUnavailable
        from gateway.accounting.spent import Whose, spent_by_worker

        whose = Whose(*of.whose)
        try:
            ledger = self._ledger()
            if self._journals.owes(ledger.positions(), self._identity):
                return None
            spent = spent_by_worker(ledger, whose, of.start, of.end)
        except LedgerUnavailable as error:
            _LOG.warning("what was spent before cannot be looked up, so budgets are not known: %s", error)
            return None
        return {worker: quanta_of(amount) for worker, amount in spent.items()}

    def close(self) -> None:
        if self._opened is not None:
            self._opened[1].close()
            self._opened = None

    def _ledger(self) -> Ledger:
        from gateway.accounting.ledger import Ledger

        if self._opened is None or self._opened[0] != self._url:
            self.close()
            self._opened = (self._url, Ledger.open(self._url))
        return self._opened[1]
