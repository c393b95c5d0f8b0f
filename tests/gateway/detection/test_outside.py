"""If these fail, a plug-in that hangs, breaks or lies holds a request up, or lets it out unread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

import pytest

from gateway.detection.advisor import Advice
from gateway.detection.outside import Outside
from router.content import Content, Origin, Segment, content_of_text
from router.sensitivity.finding import Finding
from router.sensitivity.scanner import Scanner


class Words:
    """Finds each `zebra`."""

    def advise(self, text: str) -> Iterator[Advice]:
        start = text.find("zebra")
        while start >= 0:
            yield Advice(start, start + 5, "ANIMAL", 0.9)
            start = text.find("zebra", start + 1)


class Stuck:
    """Answers nobody before it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def advise(self, text: str) -> Iterable[Advice]:
        del text
        self.begun.set()
        self.let_go.wait(30)
        return ()


class Lying:
    def advise(self, text: str) -> Iterable[Advice]:
        return (Advice(0, len(text) + 1, "ANIMAL", 0.9),)


def test_finds_beside_what_ships() -> None:
    plugin = Outside("words", Words, timeout=30, waiting=4)
    text = "café: the zebra\u200bs? ask ada@example.org, a zebra"
    scan = Scanner.default([plugin]).scan(content_of_text(text))
    plugin.close()
    assert [(each.type, text[each.start : each.end]) for each in scan.findings] == [
        ("ANIMAL", "zebra\u200b"),
        ("EMAIL", "ada@example.org"),
        ("ANIMAL", "zebra"),
    ]
    assert scan.failed == ()


def test_every_segment_and_long_texts_too() -> None:
    plugin = Outside("words", Words, timeout=30, waiting=4)
    scanner = Scanner.default([plugin])
    texts = ("none", "é zebra", "")
    segments = tuple(Segment("a", Origin.USER, text) for text in texts)
    assert scanner.scan(Content(segments)).findings == (Finding(1, 2, 7, "ANIMAL", 0.9),)
    long = "word " * 2_000 + "zebra"
    assert [finding.start for finding in scanner.scan(content_of_text(long)).findings] == [10_000]
    plugin.close()


def test_too_slow_is_a_failure_and_holds_nobody_up_for_longer() -> None:
    stuck = Stuck()
    plugin = Outside("stuck", lambda: stuck, timeout=0.05, waiting=1)
    scanner = Scanner.default([plugin])
    assert scanner.scan(content_of_text("hello there")).failed == ("plugin.stuck",)
    assert stuck.begun.is_set()
    # One waits now behind the one at work; for a third there is no place.
    assert scanner.scan(content_of_text("hello again")).failed == ("plugin.stuck",)
    assert scanner.scan(content_of_text("and again")).failed == ("plugin.stuck",)
    stuck.let_go.set()
    plugin.close()


def test_works_again_once_it_is_through() -> None:
    stuck = Stuck()
    plugin = Outside("stuck", lambda: stuck, timeout=0.05, waiting=4)
    assert Scanner.default([plugin]).scan(content_of_text("hello there")).failed
    stuck.let_go.set()
    patient = Scanner.default([plugin])
    assert any(patient.scan(content_of_text("hello there")).failed == () for _ in range(100))
    plugin.close()


def _broken() -> Words:
    raise ImportError("no such model")


@pytest.mark.parametrize(("name", "make"), [("lying", Lying), ("broken", _broken)])
def test_one_that_breaks_is_named(name: str, make: type[Lying]) -> None:
    plugin = Outside(name, make, timeout=30, waiting=4)
    assert plugin.loaded(30)
    scan = Scanner.default([plugin]).scan(content_of_text("hello there, ada@example.org"))
    plugin.close()
    assert scan.failed == (f"plugin.{name}",)
    assert [finding.type for finding in scan.findings] == ["EMAIL"]


def test_after_it_is_closed_nothing_is_let_through() -> None:
    plugin = Outside("words", Words, timeout=0.05, waiting=4)
    plugin.close()
    assert Scanner.default([plugin]).scan(content_of_text("hello there")).failed == ("plugin.words",)
