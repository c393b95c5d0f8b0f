"""Lessons: all that a worker needs to learn from what it serves. One for as long as the settings of the store stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, Self

from gateway.config.learning import Learning
from gateway.learning.allowance import Allowance
from gateway.learning.desk import Desk
from gateway.learning.note import Note
from gateway.learning.notebook import Notebook
from gateway.learning.sample import Label
from gateway.learning.signals import Signals


class Tells(Protocol):
    """Who counts what happens."""

    def store_fault(self, store: str, kind: str) -> None: ...

    def labelled(self, route: str, source: str) -> None: ...

    def not_learned(self, reason: str, count: int = 1) -> None: ...


@dataclass(frozen=True, slots=True)
class Lessons:
    """`zone` is where the database is; `wall` gives seconds since the epoch."""

    zone: str
    notebook: Notebook
    desk: Desk
    wall: Callable[[], float]
    tells: Tells
    signals: Signals = field(default_factory=Signals)

    @classmethod
    def of(
        cls,
        settings: Learning,
        url: str,
        *,
        wall: Callable[[], float],
        steady: Callable[[], float],
        tells: Tells,
    ) -> Self:
        notebook = Notebook(
            url,
            settings.key.get_secret_value(),
            keep_days=settings.keep_days,
            max_rows=settings.max_rows,
            wall=wall,
            steady=steady,
            on_fault=lambda kind: tells.store_fault("sql", kind),
            on_dropped=tells.not_learned,
        )
        allowance = Allowance(settings.feedback_per_minute, steady)
        desk = Desk(notebook, allowance, zone=settings.zone, feedback_days=settings.feedback_days, wall=wall)
        return cls(settings.zone, notebook, desk, wall, tells)

    def note(self, note: Note) -> bool:
        """Whether a request will be kept."""
        return self.notebook.note(note)

    def say(self, route: str, label: Label) -> None:
        """What somebody or something says of a request on a route; kept a little later."""
        if self.notebook.say(label):
            self.tells.labelled(route, label.source)

    async def close(self) -> None:
        await self.notebook.close()
