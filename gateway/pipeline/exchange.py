"""An exchange: one request on its way down, with what each step found out. At any time one task works on it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

from gateway.access.principal import Principal
from gateway.accounting.money import EXACT
from gateway.accounting.record import CacheUse
from gateway.cache.control import NO_DIRECTIVES
from gateway.cache.entry import Entry
from gateway.cache.flight import Flight
from gateway.cache.semantic.cache import Likeness
from gateway.cache.wireless import Look
from gateway.dials.knob import Knob
from gateway.pipeline.receipt import Receipt
from gateway.pipeline.tab import Tab
from gateway.wire.call import Call
from router.asker import NOBODY, Asker
from router.clearance import ANY, Clearance
from router.content import Content
from router.decision import Decision
from router.strategy import RoutePlan


class Aside(Protocol):
    """An answer that is kept until there is a better one."""

    def discard(self) -> Decimal | None:
        """There is one. What it cost, in dollars; None where that is unknown."""
        ...


class Besides(Protocol):
    """An attempt that was made at the same time, in books of its own."""

    @property
    def spent(self) -> Decimal | None:
        """Dollars; None where that is not known, or not yet."""
        ...


class Media(NamedTuple):
    """Parts of a request whose length in tokens their bytes do not tell. `sound`: whether any is asked for or given."""

    pictures: int = 0
    files: int = 0  # and videos, and recordings
    sound: bool = False


NO_MEDIA: Final = Media()


_FIELDS: Final[tuple[str, ...]] = (
    "answered_by",
    "aside",
    "asker",
    "attempts",
    "besides",
    "cache_key",
    "cache_use",
    "call",
    "characters",
    "content",
    "decision",
    "dialled",
    "directives",
    "era",
    "flight",
    "is_left",
    "knob",
    "likeness",
    "look",
    "media",
    "narrowed",
    "principal",
    "queued",
    "receipt",
    "reference",
    "route",
    "session",
    "spare",
    "started",
    "status",
    "tab",
    "tags",
)


class Exchange:
    """`started` is steady time in seconds. `cache_key` is None where nothing may be read from or put into the cache."""

    __slots__ = _FIELDS

    def __init__(
        self,
        call: Call,
        principal: Principal,
        route: RoutePlan,
        receipt: Receipt,
        started: float,
        *,
        reference: str | None = None,
        narrowed: Clearance = ANY,
        asker: Asker = NOBODY,
        tags: frozenset[str] = frozenset(),
        knob: Knob | None = None,
    ) -> None:
        self.call = call
        self.principal = principal
        self.route = route
        self.receipt = receipt
        self.started = started
        self.reference = reference  # the deployment that savings are counted against
        self.narrowed = narrowed  # by the key, the caller's own header, and the conversation so far
        self.asker = asker  # with the request's labels
        self.tags = tags  # those that the request brings, and those of its key
        self.knob = knob  # the dial in force; None: there is none, the route's threshold holds
        self.dialled: bool | None = None  # whether the dial sent it to the large class; None: it had no say
        self.directives = NO_DIRECTIVES
        self.cache_key: str | None = None
        self.cache_use: CacheUse = "off"
        self.decision: Decision | None = None
        self.characters = 0  # of the prompt, for estimates
        self.media = NO_MEDIA
        self.attempts = 0
        self.tab: Tab | None = None  # what it takes of limits and budgets; None: none concerns it
        self.content: Content | None = None  # what was looked at, until the answer is out; where that is learned from
        self.answered_by = ""  # the deployment of the last answer that came to a clean end
        self.status = 200  # what it comes to; a stream that has begun may yet fail
        self.aside: Aside | None = None  # what the small model said, while a larger one is asked
        self.besides: tuple[Besides, ...] = ()  # another sample of what it says; a call that another overtook
        self.session: bytes | None = None  # its conversation, where a route keeps those together
        self.queued = 0.0  # seconds that it waited for a seat
        self.look: Look | None = None  # for an answer, where other workers may be asking for the same
        self.flight: Flight | None = None  # that it leads
        self.is_left = False  # its client has gone, and its answer goes on for others
        self.likeness: Likeness | None = None  # what may stand for its question; None: nothing but the same bytes
        self.spare: Entry | None = None  # an answer that is too old, and better than none
        self.era = 0  # the last purge of the cache that was known when it was asked

    def copy(self) -> Exchange:
        made = Exchange(self.call, self.principal, self.route, self.receipt, self.started)
        for name in _FIELDS:
            setattr(made, name, getattr(self, name))
        return made

    def next_attempt_id(self) -> str:
        self.attempts += 1
        return f"{self.call.request_id}-{self.attempts}"

    def charged(self, cost: Decimal | None) -> Decimal | None:
        """What all of it cost, where the answer that is given cost this much."""
        if self.aside is not None:
            before = self.aside.discard()
            cost = None if before is None or cost is None else EXACT.add(before, cost)
        for other in self.besides:
            more = other.spent
            cost = None if more is None or cost is None else EXACT.add(more, cost)
        return cost

    @property
    def finding_counts(self) -> dict[str, int]:
        """How many findings of each type: all that the books may know about them."""
        if self.decision is None or not self.decision.findings:
            return {}
        return dict(Counter(finding.type for finding in self.decision.findings))
