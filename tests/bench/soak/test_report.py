"""If these fail, docs/soak.md shows what was not seen, or a soak that went wrong ends as if it had not."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from bench.soak.books import Books
from bench.soak.report import page
from bench.soak.soak import Plan, Soak
from bench.soak.traffic import Result
from bench.soak.watch import Rest, Sample

RIGHT = Result("fresh", "req_1", 200, True, False, False, 0.25, "")
BALANCED = Books(3, 0, 0, 0, 0, Decimal("0E-12"), Decimal(0), -1)
QUIET = Rest(Counter({"Redis": 4}), Counter({"serve": 2}), 0)
SOAK = Soak(
    plan=Plan(1800, 40, 15, 1, growth=60),
    results=[RIGHT, RIGHT._replace(status=503, whole=False)],
    troubles=Counter({"Redis away": 2}),
    samples=[Sample(60.0 * minute, {1: 1024 * 90}) for minute in range(11)],
    before=QUIET,
    after=QUIET,
    books=BALANCED,
    told=0,
    stumbles=0,
    lines=["09:00:00 WARNING gateway.stores.link: Redis does not answer"],
    workers_lost=0,
)


def test_a_good_run_says_so() -> None:
    text = page(SOAK)
    assert SOAK.faults() == []
    assert "| fresh | 2 | 1 | 0 | 0 | 503: 1 | 0 | 0 | 0.25 s |" in text
    assert "Redis away 2 times" in text
    assert "| 3 | 0 | 0 | 0 | 0 | 0 | 0 $ |" in text
    assert "| 1 | 90.0 MiB | 90.0 MiB | 0.0 KiB a minute |" in text
    assert "Nothing is amiss." in text


def test_whatever_is_amiss_is_told() -> None:
    grown = [Sample(60.0 * minute, {1: 90_000 + 61 * minute}) for minute in range(11)]
    bad = {
        "wrong": SOAK._replace(results=[RIGHT._replace(verdict="a wrong answer")]),
        "told outside": SOAK._replace(told=1),
        "stumbled": SOAK._replace(stumbles=1),
        "for ever": SOAK._replace(after=QUIET._replace(busy=1)),
        "tasks left": SOAK._replace(after=QUIET._replace(tasks=Counter({"serve": 5}))),
        "files left": SOAK._replace(after=QUIET._replace(files=Counter({"Redis": 100}))),
        "stacks": SOAK._replace(lines=["Traceback (most recent call last):"]),
        "workers lost": SOAK._replace(workers_lost=1),
        "the books": SOAK._replace(books=BALANCED._replace(missing=1)),
        "calls=1": SOAK._replace(books=BALANCED._replace(calls=1)),
        "grows by 61": SOAK._replace(samples=grown),
    }
    for word, soak in bad.items():
        (fault,) = soak.faults()
        assert word in fault
        assert fault in page(soak)


def test_a_short_run_says_nothing_of_memory() -> None:
    grown = [Sample(60.0 * minute, {1: 90_000 + 900 * minute}) for minute in range(11)]
    assert SOAK._replace(plan=SOAK.plan._replace(growth=None), samples=grown).faults() == []
