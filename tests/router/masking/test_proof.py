"""If these fail, a body is called masked that is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from router.clearance import Clearance
from router.content import Content, content_of
from router.masking.masker import UnmaskableError
from router.masking.proof import MaskedBody, masked_body
from router.sensitivity.finding import Finding, Scan
from router.sensitivity.scanner import Scanner
from tests.router.masking.cases import WordScanner, chat, found_in

MASKED = Clearance.parse("masked")
PEOPLE = {"Jean Dupont": "PERSON", "Ann": "PERSON"}


def all_of_it(content: Content, scan: Scan) -> tuple[Clearance, Sequence[Finding]]:
    del content
    return (MASKED if scan.findings else Clearance(), scan.findings)


def proven(text: str, words: dict[str, str], again: dict[str, str], failed: tuple[str, ...] = ()) -> MaskedBody:
    body = chat(text)
    content = content_of(body)

    def scan(content: Content) -> Scan:
        return Scan(WordScanner(again).scan(content).findings, failed)

    return masked_body(body, content, found_in(content, words), MASKED, scan, all_of_it)


def test_it_is_proven_by_a_second_look() -> None:
    found = proven("Ann and Jean Dupont", PEOPLE, PEOPLE)
    assert found.body == chat("<PERSON_1> and <PERSON_2>")
    assert (found.counts, found.clearance, found.escapes) == ("PERSON:2", MASKED, False)


def test_what_the_second_look_finds_keeps_it_at_home() -> None:
    with pytest.raises(UnmaskableError, match="rescan"):
        proven("Ann and her boss", PEOPLE, {"boss": "PERSON"})


@pytest.mark.parametrize("seen", ["<PERSON_1>", "PERSON_1", "RSON_1>, <PERSON_2>", "(<PERSON_1>"])
def test_placeholders_are_not_taken_for_values(seen: str) -> None:
    assert proven("(Ann, Jean Dupont)", PEOPLE, {seen: "PASSWORD"}).counts == "PERSON:2"


@pytest.mark.parametrize("seen", ["x <PERSON_1>", "<PERSON_1>, y", "<PERSON_9>"])
def test_what_stands_beside_them_is(seen: str) -> None:
    with pytest.raises(UnmaskableError, match="rescan"):
        proven("<PERSON_9> x Ann, y", PEOPLE, {seen: "ADDRESS"})


def test_a_detector_that_fails_now_keeps_it_at_home() -> None:
    body = chat("Ann")
    content = content_of(body)

    def judge(content: Content, scan: Scan) -> tuple[Clearance, Sequence[Finding]]:
        del content
        return (Clearance.parse("local") if scan.failed else MASKED), ()

    with pytest.raises(UnmaskableError, match="rescan"):
        masked_body(body, content, found_in(content, PEOPLE), MASKED, lambda _: Scan((), ("names",)), judge)


def test_with_nothing_to_mask_the_body_goes_as_it_is() -> None:
    body = chat("good morning")
    found = masked_body(body, content_of(body), (), MASKED, Scanner.default().scan, all_of_it)
    assert found.body is body
    assert found.counts == ""


def test_nobody_else_makes_one() -> None:
    with pytest.raises(UnmaskableError):
        MaskedBody({}, {}, {}, MASKED, False, object())


def test_what_it_holds_is_not_shown() -> None:
    assert "Dupont" not in repr(proven("Ann and Jean Dupont", PEOPLE, PEOPLE))
