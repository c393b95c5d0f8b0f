"""What the first look does not see, nobody sees."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from router.content import Origin, Segment
from router.sensitivity.budget import Budget
from router.sensitivity.decode import BLOB_TRIGGER, TRIGGERS, hidden_views
from router.sensitivity.detector import SHAPE_SIGNS, Shape, Span
from router.sensitivity.detectors import NUMBERS, default_detectors
from router.sensitivity.detectors.secrets import SECRETS
from router.sensitivity.first_look import DECODERS, FirstLook, Hits, hits_of
from router.sensitivity.patterns import PatternSet
from router.sensitivity.pieces import PROVE_NOTHING
from router.sensitivity.rule import Rule
from router.sensitivity.view import View, view_of

DETECTORS = default_detectors()
LOOK = FirstLook(DETECTORS)
ANY_NUMBER = DETECTORS.index(NUMBERS)
ANY_SECRET = DETECTORS.index(SECRETS)


def hits(text: str) -> Hits:
    return hits_of(LOOK.stirred(text.encode()))


def short(pattern: str) -> re.Pattern[str]:
    """Matches the shortest of what `pattern` matches: such a key is the hardest to see."""
    return re.compile(re.sub(r"\{(\d+),\d+\}", r"{\1}", pattern), re.ASCII)


@pytest.mark.parametrize(("rule", "trigger"), list(zip(SECRETS.rules, SECRETS.triggers, strict=True)))
def test_what_is_a_key_to_its_trigger_is_seen(rule: Rule, trigger: str) -> None:
    own = PatternSet([trigger])

    @given(st.from_regex(short(rule.pattern), fullmatch=True))
    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
    def seen(key: str) -> None:
        assume((rule.check is None or rule.check(key)) and "\0" not in key and own.match(key.encode()))
        assert hits(f"(see {key} )").get(ANY_SECRET)

    seen()


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=6) | st.binary(min_size=6))
def test_no_base64_goes_unseen(plain: str | bytes) -> None:
    code = base64.b64encode(plain.encode() if isinstance(plain, str) else plain).decode()
    blobs = len(TRIGGERS)
    if list(hidden_views(view_of(code), [blobs])):
        assert blobs in hits(code).get(DECODERS, [])


@given(
    st.lists(
        st.sampled_from(["DE89 3704 0044 0532 0130 00", "ada@example.org", "MRN-12345", "ID card", "378-28-2246"])
        | st.text("aA1 @.-", max_size=8)
    )
)
def test_what_may_be_proven_is_seen_as_in_any_text(parts: list[str]) -> None:
    data = " ".join(parts).encode()
    everything, proofs = hits_of(LOOK.stirred(data)), LOOK.proofs(data)
    proving = [number for number, each in enumerate(DETECTORS) if each.name not in PROVE_NOTHING]
    assert [proofs.get(number) for number in proving] == [everything.get(number) for number in proving]


SHAPES = [
    trigger
    for detector in DETECTORS
    for trigger in detector.triggers
    if isinstance(trigger, Shape) and detector is not NUMBERS  # looks at nothing without digits
]


@pytest.mark.parametrize("trigger", SHAPES)
def test_no_shape_is_without_a_sign(trigger: Shape) -> None:
    @given(st.from_regex(re.compile(trigger, re.ASCII), fullmatch=True))
    @settings(max_examples=10, deadline=None)
    def signed(text: str) -> None:
        assert set(text.encode("ascii", "replace")) & set(SHAPE_SIGNS)

    signed()


class Shouting:
    name, triggers = "shouting", ("Needle",)

    def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]:
        return ()


@pytest.mark.parametrize("text", [b"a Needle", b"A NEEDLE", b"a needle"])
def test_words_are_seen_whatever_their_case(text: bytes) -> None:
    assert hits_of(FirstLook([Shouting()]).stirred(text)) == {0: [0]}


def test_ordinary_text_stirs_nothing() -> None:
    assert not LOOK.stirred(
        b"You are a helpful assistant.\0Why is the sky blue? Tom has 3 apples; it's a well-known fact."
    )


def test_a_number_without_form_or_word_is_not_worth_reading() -> None:
    def worth(text: str, *paths: str) -> bool:
        stirred = LOOK.stirred(text.encode())
        assert ANY_NUMBER in hits_of(stirred)
        return ANY_NUMBER in hits_of(LOOK.worth(stirred, text.encode(), paths))

    assert not worth("In 2023 it was 1969 again.", "messages[0].content")
    assert worth("The card ends in 4821.", "messages[0].content")
    assert worth("4821 5533", "metadata.card_number")
    assert worth("219-09-9999", "messages[0].content")


def test_who_cannot_tell_what_is_worth_reading_reads() -> None:
    class Unsure:
        name = "unsure"
        triggers = ("needle",)

        def worth(self, hits: Sequence[int], data: bytes) -> bool:
            raise RuntimeError(data)

        def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]:
            return ()

    look = FirstLook([Unsure()])
    assert hits_of(look.worth(look.stirred(b"a needle"), b"a needle", ())) == {0: [0]}


def test_what_is_worth_reading_stays_beside_what_is_not() -> None:
    text = b"In 2023 write to ada@example.org"
    left = hits_of(LOOK.worth(LOOK.stirred(text), text, ()))
    assert left
    assert ANY_NUMBER not in left


def gave_up(data: bytes) -> list[int]:
    assert data
    return []


def test_when_re2_cannot_tell_everything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    look = FirstLook(DETECTORS)
    for name in ("_words", "_signs"):
        monkeypatch.setattr(getattr(look, name).patterns, "raw", gave_up)
    found = hits_of(look.stirred(b"plain"))
    assert sorted(found[DECODERS]) == list(range(len(TRIGGERS)))
    words = [number for number, each in enumerate(DETECTORS) if any(type(trigger) is str for trigger in each.triggers)]
    assert set(words) <= set(found)


def test_blobs_are_looked_for_among_long_words_only() -> None:
    blob = PatternSet([BLOB_TRIGGER])
    for text, seen in (("HelloWorld9", True), ("GitHub", False), ("client-server", False)):
        assert (len(TRIGGERS) in hits(text).get(DECODERS, [])) is seen, text
        assert not seen or blob.match(text.encode())


class Sighted:
    name = "sighted"
    triggers = ()

    def find_in(
        self, segments: Sequence[Segment], texts: Sequence[str], joined: str, budget: Budget
    ) -> Mapping[int, Sequence[Span]]:
        return {index: [Span(0, 1, "X", 0.9)] for index, text in enumerate(texts) if text == "here"}

    def find(self, view: View, hits: Sequence[int]) -> Iterable[Span]:
        raise NotImplementedError


def test_a_glance_tells_where() -> None:
    texts = ["nothing", "here"]
    segments = [Segment("text", Origin.USER, text) for text in texts]
    seen = FirstLook([Sighted()]).seen(segments, texts, "\0".join(texts), Budget(0), {})
    assert seen == {1: {0: [Span(0, 1, "X", 0.9)]}}
