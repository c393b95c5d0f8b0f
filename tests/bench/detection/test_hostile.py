"""No text costs more than its size allows: counted in steps, which do not depend on the machine."""

from __future__ import annotations

import pytest

from bench.detection.hostile import hostile
from router.content import content_of_text
from router.sensitivity import scanner as scanner_module
from router.sensitivity.budget import Budget
from router.sensitivity.scanner import Scanner
from tests.harness.compiled import PURE_ONLY

pytestmark = PURE_ONLY

SMALL, LARGE = 20_000, 80_000  # characters
AT_ONCE = 30_000  # steps that are asked for at once, at most: a megabyte of one word is one candidate


class Counted(Budget):
    """The scan's own budget, which also tells what was asked of it."""

    __slots__ = ("asked",)
    made: list[Counted]

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.asked = 0
        self.made.append(self)

    def spend(self, steps: int = 1) -> None:
        self.asked += steps
        super().spend(steps)


@pytest.fixture
def budgets(monkeypatch: pytest.MonkeyPatch) -> list[Counted]:
    Counted.made = []
    monkeypatch.setattr(scanner_module, "Budget", Counted)
    return Counted.made


def test_work_grows_no_faster_than_the_text(budgets: list[Counted]) -> None:
    scanner = Scanner.default()
    factor = LARGE / SMALL
    for (name, small), (_, large) in zip(hostile(SMALL), hostile(LARGE), strict=True):
        scanner.scan(content_of_text(small))
        scanner.scan(content_of_text(large))
        little, much = budgets[-2].asked, budgets[-1].asked
        assert much <= 1.25 * factor * little + 1_000, name


def test_work_is_bounded_and_what_is_not_read_counts_as_failed(budgets: list[Counted]) -> None:
    scanner = Scanner.default()
    for name, text in hostile(250_000):
        scan = scanner.scan(content_of_text(text))
        budget = budgets[-1]
        assert bool(scan.failed) == budget.spent, name
        assert budget.asked <= 30_000 + AT_ONCE, name
