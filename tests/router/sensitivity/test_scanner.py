"""What must be found and what must not; and that doubt is never silent."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.content import Content, Origin, Segment, content_of, content_of_text
from router.sensitivity.budget import Budget
from router.sensitivity.detector import Span
from router.sensitivity.finding import Finding
from router.sensitivity.found import ENOUGH
from router.sensitivity.scanner import Scanner
from router.sensitivity.settles import Settles
from router.sensitivity.view import View


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


def found(scanner: Scanner, text: str) -> dict[str, str]:
    return {finding.type: text[finding.start : finding.end] for finding in scanner.scan(content_of_text(text)).findings}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Voici ma carte bancaire : 4970 1012 3456 7893, pouvez-vous payer ?", "CREDIT_CARD", "4970 1012 3456 7893"),
        ("Patient Jean Dupont, né le 12/03/1961, diabète de type 2", "HEALTH", "diabète"),
        ("write to ada@example.org please", "EMAIL", "ada@example.org"),
        ("rappelle-moi au 06 11 22 33 44", "PHONE", "06 11 22 33 44"),
        ("meine IBAN ist DE89 3704 0044 0532 0130 00 danke", "IBAN", "DE89 3704 0044 0532 0130 00"),
        ("mon numéro de sécu est 1 85 05 78 006 084 91", "NATIONAL_ID", "1 85 05 78 006 084 91"),
        ("Meine Steuer-ID lautet 86095742719.", "NATIONAL_ID", "86095742719"),
        ("Mi DNI es 12345678Z, gracias", "NATIONAL_ID", "12345678Z"),
        ("my SSN is 219-09-9999", "NATIONAL_ID", "219-09-9999"),
        ("her Medicare card says 1EG4-TE5-MK73", "HEALTH_INSURANCE", "1EG4-TE5-MK73"),
    ],
)
def test_finds(scanner: Scanner, text: str, kind: str, value: str) -> None:
    assert found(scanner, text).get(kind) == value


def test_finds_keys_and_tokens(scanner: Scanner) -> None:
    key = "ghp" + "_" + "k3Jd8sLq0PzX7vBn2MwR5tYc9HgF4aQe1UoI"
    token = ".".join(("eyJ" + "hbGciOiJub25lIn0", "eyJ" + "zdWIiOiJub2JvZHkifQ", "c2lnbmF0dXJl"))
    block = "-----BEGIN " + "PRIVATE KEY-----\nMIIBVAIBADANBgkqhkiG9w0B\nAQEFAASC\n-----END " + "PRIVATE KEY-----"
    assert found(scanner, f"export T={key}") == {"SECRET": key}
    assert found(scanner, f"curl -H 'Authorization: Bearer {token}'") == {"SECRET": token}
    assert found(scanner, f"here:\n{block}\nbye") == {"PRIVATE_KEY": block}


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of France?",
        "Prove that there are infinitely many primes congruent to 3 modulo 4.",
        "Write a Rust function that merges two sorted linked lists in O(n) and explain the lifetimes.",
        "What are the side effects of metformin in patients with diabetes?",
        "Where is my order 180447291366 of 2023-10-27?",
        "Is 3f2b8c1e-7a64-4f0d-9b1e-2c5d7e8f9a01 a valid UUID?",
        "pip install requests==2.31.0 fails at commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    ],
)
def test_leaves_alone(scanner: Scanner, text: str) -> None:
    assert found(scanner, text) == {}


def test_a_detector_that_fails_is_named(scanner: Scanner) -> None:
    class Broken:
        name = "broken"
        triggers = ("needle",)

        def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]:
            raise RuntimeError(view.text[: hits[0]])

    assert Scanner([Broken()]).scan(content_of_text("a needle")).failed == ("broken",)
    assert Scanner([Broken()]).scan(content_of_text("nothing here")).failed == ()


def test_finding_says_which_segment(scanner: Scanner) -> None:
    content = content_of({"messages": [{"role": "user", "content": "hi"}], "metadata": {"mail": "ada@example.org"}})
    (finding,) = scanner.scan(content).findings
    assert content.segments[finding.segment].path == "metadata.mail"
    assert finding.type == "EMAIL"


def test_field_name_is_context(scanner: Scanner) -> None:
    named = {"messages": [], "metadata": {"ssn": "219099999"}}
    unnamed = {"messages": [], "metadata": {"count": "219099999"}}
    assert [finding.type for finding in scanner.scan(content_of(named)).findings] == ["NATIONAL_ID"]
    assert scanner.scan(content_of(unnamed)).findings == ()


PIECES = st.sampled_from(
    [
        "ada@example.org", "06 11 22 33 44", "219-09-9999",
        "4970 1012 3456 7893", "DE89 3704 0044 0532 0130 00",
        "my name is", "Tom", "Jean Dupont", "Dear Mr. Smith", "né le 12/03/1961", "order 4821",
        "card", "password: Hx7!kq92",
        "\u200b", "a d a @ e x a m p l e . o r g", base64.b64encode(b"ada.byron@example.org").decode(), "%41%42",
        "12 rue de la Paix, 75002 Paris", "10.1.2.3", "x" * 3000, "\n", " ", "\0", "é", "5", "@", "+33 6", "\ud800",
    ]
)  # fmt: skip
SCANNER = Scanner.default()


def alone(segment: Segment) -> tuple[Finding, ...]:
    return SCANNER.scan(Content((segment,))).findings


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(PIECES | st.text(max_size=8), max_size=6).map("".join), min_size=1, max_size=6), st.booleans())
def test_segments_read_together_find_what_each_finds_alone(texts: list[str], named: bool) -> None:
    paths = [f"metadata.ssn{number}" if named else f"messages[{number}].content" for number in range(len(texts))]
    segments = tuple(Segment(path, Origin.USER, text) for path, text in zip(paths, texts, strict=True))
    together = SCANNER.scan(Content(segments))
    expected = [
        Finding(number, found.start, found.end, found.type, found.confidence)
        for number, segment in enumerate(segments)
        for found in alone(segment)
    ]
    assert [finding for finding in together.findings if finding in expected] == expected
    # What else there is goes on from one segment to the next.
    for finding in set(together.findings) - set(expected):
        assert finding.start == 0 or finding.end == len(texts[finding.segment])


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=6).map("".join), st.sampled_from(["text", "metadata.tom"]))
def test_a_finding_lies_in_its_segment(text: str, path: str) -> None:
    for finding in alone(Segment(path, Origin.USER, text)):
        assert 0 <= finding.start < finding.end <= len(text)


@pytest.mark.parametrize("size", [10, 5_000])
def test_a_detector_that_cannot_glance_is_named(size: int) -> None:
    class Blind:
        name = "blind"
        triggers = ()

        def find_in(
            self, segments: Sequence[Segment], texts: Sequence[str], joined: str, budget: Budget
        ) -> Mapping[int, Sequence[Span]]:
            raise RuntimeError(joined)

        def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]:
            raise RuntimeError(view.text)

    assert Scanner([Blind()]).scan(content_of_text("a" * size)).failed == ("blind",)


@pytest.mark.parametrize(
    "text", ["4970 1012 3456 7890 card ", "12 34 56 78 90 ", "ada.byron@example.org ", "aB1cD2eF3gH4 ", "fd0:b:"]
)
def test_more_than_a_text_has_any_business_to_hold_is_named(text: str) -> None:
    assert SCANNER.scan(content_of_text(text * (1_000_000 // len(text)))).failed


def test_with_plenty_it_looks_no_further_than_it_has_to() -> None:
    text = "Write to jeanne.durand@example.org, IBAN DE89 3704 0044 0532 0130 00. " * 200
    anything = Settles({}, 0.0)
    for content in (content_of_text(text), content_of_text(text[:3_000]), content_of({"a": text, "b": text})):
        whole, stopped = SCANNER.scan(content), SCANNER.scan(content, anything)
        assert (whole.more, stopped.more) == (False, True)
        assert ENOUGH <= len(stopped.findings) < len(whole.findings)
        assert list(stopped.findings) == sorted(set(stopped.findings))


def test_with_little_it_counts_all_of_it() -> None:
    text = "Write to jeanne.durand@example.org, IBAN DE89 3704 0044 0532 0130 00. " * 4 + "Thank you. " * 500
    for content in (content_of_text(text), content_of_text(text[:3_000]), content_of({"a": text, "b": "thank you"})):
        assert SCANNER.scan(content, Settles({}, 0.0)) == SCANNER.scan(content)
