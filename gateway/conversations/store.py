"""ConversationStore: keeps answers for the one who asked, finds them again, forgets them.

Keeping never fails an answer: what cannot be kept is said not to be. Finding does fail where the database is away:
a conversation must not go on without what was said before.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from gateway.conversations.kept import Kept
from gateway.stores.link import StoreFault, uncounted
from gateway.stores.seal import Label, Seal
from gateway.stores.sql_link import WAIT_SECONDS, SqlLink
from gateway.wire.errors import Unavailable

if TYPE_CHECKING:
    from gateway.conversations.table import Table

Outcome = Literal["kept", "forbidden", "too_large", "failed"]

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")  # what else a client may write is no id, and no business of a database's
PURGE_SECONDS = 3600  # between two deletions of what has expired
_R = TypeVar("_R")
_log = logging.getLogger(__name__)


class StateUnavailable(Unavailable):
    """What was kept cannot be looked up now: try again."""

    code = "state_unavailable"


class ConversationStore:
    """`wall` gives seconds since the epoch, `steady` never goes back; `on_fault` is told the kind of every fault."""

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        zone: str,
        ttl: int,
        max_bytes: int,
        wall: Callable[[], float],
        steady: Callable[[], float],
        on_fault: Callable[[str], None] = uncounted,
    ) -> None:
        self.zone = zone
        """Where the rows end up: a conversation is kept only if its clearance permits this zone."""
        self._seal = Seal(secret)
        self._ttl = ttl
        self._max_bytes = max_bytes
        self._wall = wall
        self._purged: float | None = None
        self._link: SqlLink[Table] = SqlLink(partial(_open, url), steady, on_fault)

    async def keep(self, kept: Kept) -> Outcome:
        """Returns when it can be found again, by this worker and by every other."""
        if not kept.clearance.permits(self.zone):
            return "forbidden"
        content = kept.content()
        if len(content) > self._max_bytes:
            return "too_large"
        now = int(self._wall())
        label = Label(kept.id, kept.owner, str(kept.clearance), now + self._ttl)
        gave_up = threading.Event()
        try:
            await self._link.run(partial(self._put, label, content, gave_up, now), gave_up)
        except StoreFault:
            return "failed"
        return "kept"

    async def find(self, response_id: str, owner: str) -> Kept | None:
        """None for what is not there, has expired or is somebody else's. Raises `StateUnavailable`."""
        if not _ID.fullmatch(response_id):
            return None
        return await self._ask(partial(self._get, response_id, owner))

    async def forget(self, response_id: str, owner: str) -> bool:
        """Whether there was such a one. Raises `StateUnavailable`."""
        if not _ID.fullmatch(response_id):
            return False
        now = int(self._wall())
        return await self._ask(lambda table: table.delete(response_id, owner, after=now))

    def close(self) -> None:
        self._link.close()

    async def _ask(self, work: Callable[[Table], _R]) -> _R:
        try:
            return await self._link.run(work)
        except StoreFault:
            raise StateUnavailable("Stored responses cannot be looked up now. Try again.", retry_after=1) from None

    def _put(self, label: Label, content: bytes, gave_up: threading.Event, now: int, table: Table) -> None:
        from gateway.conversations.table import GivenUp, Row

        if self._purged is None or now - self._purged >= PURGE_SECONDS:
            table.purge(now)
            self._purged = now
        try:
            table.put(Row(label, self._seal.sealed(label, content)), unless=gave_up.is_set)
        except GivenUp:
            _log.info("a response came too late to be kept")

    def _get(self, response_id: str, owner: str, table: Table) -> Kept | None:
        row = table.get(response_id)
        if row is None or row.label.owner != owner or row.label.expires <= self._wall():
            return None
        label = row.label
        content = self._seal.opened(label, row.sealed)
        if content is None:
            _log.warning("a stored response does not open: its row was changed, or sealed with another `responses.key`")
            return None
        return Kept.of(label.id, label.owner, label.clearance, content)


def _open(url: str) -> Table:
    from gateway.conversations.table import Table

    return Table.open(url, WAIT_SECONDS)
