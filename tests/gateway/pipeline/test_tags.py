"""If these fail, somebody's name is in the ledger for good because a program tagged its requests with it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.tags import MOST_REMEMBERED, Tags
from router.content import Content
from router.occasion import tags_in
from router.sensitivity.finding import Scan
from router.sensitivity.scanner import Scanner
from tests.gateway.house import CARD

SCANNER = Scanner.default()


class Scanning:
    """The shipped scanner, which may be out of order; counts what it was given."""

    def __init__(self) -> None:
        self.seen = 0
        self.is_broken = False

    def __call__(self, content: Content) -> Scan:
        self.seen += len(content.segments)
        return Scan((), ("names",)) if self.is_broken else SCANNER.scan(content)


def test_what_programs_use_as_tags_is_kept() -> None:
    usual = {"batch", "eval", "team/red", "eu-west-1", "customer-4711", "sprint-2026-11", "v2.1.0", "job:918273645"}
    assert Tags(SCANNER.scan).of([", ".join(usual)]) == usual


def test_what_something_is_found_in_is_not_and_the_others_are() -> None:
    said = ["Batch, anna@example.org", "anna mueller, eval", f"pay {CARD}"]
    assert Tags(SCANNER.scan).of(said) == {"batch", "eval"}


def test_what_stands_in_the_configuration_is_kept_all_the_same() -> None:
    tags = Tags(SCANNER.scan, ["anna mueller"])
    assert tags.of(["Anna Mueller, anna@example.org"]) == {"anna mueller"}


def test_each_is_looked_at_once() -> None:
    scan = Scanning()
    tags = Tags(scan, ["named"])
    for _ in range(3):
        assert tags.of(["batch, named, anna@example.org"]) == {"batch", "named"}
    assert scan.seen == 2
    assert tags.of(["batch, eval"]) == {"batch", "eval"}
    assert scan.seen == 3
    assert tags.of([]) == frozenset()
    assert scan.seen == 3


def test_in_doubt_nothing_is_kept_until_there_is_none() -> None:
    scan = Scanning()
    scan.is_broken = True
    tags = Tags(scan, ["named"])
    assert tags.of(["batch, named"]) == {"named"}
    scan.is_broken = False
    assert tags.of(["batch, named"]) == {"batch", "named"}


def test_tags_without_end_do_not_fill_the_memory() -> None:
    tags = Tags(SCANNER.scan, ["named"])
    for number in range(0, 2 * MOST_REMEMBERED, 16):
        said = ",".join(f"run-{number + place}" for place in range(16))
        assert len(tags.of([said, "named"])) == 17
        assert len(tags._may_be_kept) <= MOST_REMEMBERED + 17


@given(st.lists(st.text("abcde ,", max_size=20), max_size=5))
def test_a_scanner_that_finds_nothing_changes_nothing(said: list[str]) -> None:
    assert Tags(lambda _: Scan(())).of(said) == tags_in(said)
