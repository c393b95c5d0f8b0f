"""Tags: what requests are tagged with, as far as it may be written down.

Callers choose tags freely, and the ledger, reports and budgets keep them. So a tag in which the scanner finds something
is as good as not there, unless the configuration has it by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from router.content import Content, Origin, Segment
from router.occasion import tags_in
from router.sensitivity.finding import Scan

MOST_REMEMBERED: Final = 4096  # some 500 KB
_NONE: Final[frozenset[str]] = frozenset()


class Tags:
    """Of one configuration. `named` are those that stand in it, in lower case. Each other is looked at once."""

    def __init__(self, scan: Callable[[Content], Scan], named: Iterable[str] = ()) -> None:
        self._scan = scan
        self._named = dict.fromkeys(named, True)
        self._may_be_kept = dict(self._named)

    def of(self, said: Iterable[str]) -> frozenset[str]:
        """The tags in what a caller said."""
        if not said:
            return _NONE
        tags = tags_in(said)
        if not self._may_be_kept.keys() >= tags:
            self._look_at(tags)
        known = self._may_be_kept
        return frozenset(tag for tag in tags if known.get(tag))

    def _look_at(self, tags: frozenset[str]) -> None:
        if len(self._may_be_kept) > MOST_REMEMBERED:
            self._may_be_kept = dict(self._named)
        new = [tag for tag in tags if tag not in self._may_be_kept]
        scan = self._scan(Content(tuple(Segment("tags", Origin.METADATA, tag) for tag in new)))
        if scan.failed or scan.more:  # another time, perhaps
            return
        found = {finding.segment for finding in scan.findings}
        self._may_be_kept.update((tag, place not in found) for place, tag in enumerate(new))
