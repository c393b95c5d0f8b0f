"""Found: what a scan has found so far, what failed, and whether that is enough."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from operator import attrgetter
from typing import Final

from router.sensitivity.finding import Finding, Scan
from router.sensitivity.settles import NOTHING_SETTLES, Settles

ENOUGH = 12  # findings that settle: so many are counted, though one would do
NEVER: Final = sys.maxsize  # findings
_NOTHING: Final = Scan(())


class Found:
    """Belongs to one scan. `more`: something was left unread, since enough was found."""

    __slots__ = ("_left", "_settles", "failed", "findings", "more")

    def __init__(self, settles: Settles = NOTHING_SETTLES, enough: int = ENOUGH) -> None:
        self.findings: list[Finding] = []
        self.failed: dict[str, None] = {}
        self.more = False
        self._settles = settles
        self._left = NEVER if settles is NOTHING_SETTLES else enough

    def add(self, findings: Iterable[Finding]) -> None:
        """Those of a segment, as they stay."""
        if self._left == NEVER:
            self.findings.extend(findings)
            return
        for finding in findings:
            self.findings.append(finding)
            if self._settles.by(finding):
                self._left -= 1

    def sort(self, first: int) -> None:
        """Those from number `first` on by segment: they were not read in order."""
        self.findings[first:] = sorted(self.findings[first:], key=attrgetter("segment"))

    def stops(self) -> bool:
        """Whether enough was found. Then whoever asks reads no further, and the scan says so."""
        if self._left > 0:
            return False
        self.more = True
        return True

    @property
    def wanted(self) -> int:
        """How many findings of types that settle would be enough in one segment.

        It may be left half-read only where what covers another settles too: else what is found later may stand in the
        place of what was found before, and be milder.
        """
        return self._left if self._settles.covering else NEVER

    def settling(self, kinds: Iterable[str]) -> int:
        """How many of these types settle, however sure."""
        return sum(map(self._settles.always, kinds))

    def leave(self) -> None:
        """A segment is left half-read: enough was found in it."""
        self._left = 0
        self.more = True

    def scan(self) -> Scan:
        if not self.findings and not self.failed:
            return _NOTHING
        return Scan(tuple(self.findings), tuple(self.failed), self.more)
