"""The principal: who is asking, and how far anything they ask may travel."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.config.access import CALLING, KeyPriority, Role
from gateway.config.quota import NO_LIMITS, Budget, Limits
from router.asker import NOBODY, Asker
from router.clearance import Clearance


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a key. `name` and `team` are safe in logs and metrics; the key itself is nowhere in here.

    `asker` is the same person as policies see them; left out, name and team are all they see. Principals with different
    `mark` share no cached answer. `tags` are added to those that a request brings.
    """

    name: str
    team: str | None
    routes: frozenset[str] | None  # None: all
    clearance: Clearance
    has_key: bool = True  # False: served without one, see `anonymous.py`
    asker: Asker = NOBODY
    mark: str = ""
    role: Role = "caller"
    tags: frozenset[str] = frozenset()
    limits: Limits = NO_LIMITS
    team_limits: Limits = NO_LIMITS
    budgets: tuple[tuple[str, Budget], ...] = ()  # made at run time, by name: its own, and those of its team
    origin: str = ""  # of a key that was made at run time: tells it from any other that is, or was, called so
    team_origin: str = ""  # the same of its team
    priority: KeyPriority = "normal"  # when there is more to do than can be done

    is_limited: bool = field(init=False, compare=False, default=False)
    """Whether it brings limits or budgets of its own."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_limited", bool(self.limits or self.team_limits or self.budgets))
        if self.asker is NOBODY:
            object.__setattr__(self, "asker", Asker(self.name, self.team or ""))

    @property
    def may_ask(self) -> bool:
        """Whether the key is good for asking models at all."""
        return self.role in CALLING

    def may_use(self, route: str) -> bool:
        """Whether the key is good for this route."""
        return self.routes is None or route in self.routes
