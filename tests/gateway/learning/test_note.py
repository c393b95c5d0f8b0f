"""If these fail, what is kept of a request is more than it should be, or not what was asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.learning.note import is_kept, opened, sealed, view_in
from gateway.stores.seal import LEARNING, Seal
from router.difficulty.features import read
from router.difficulty.sample import pack
from router.difficulty.view import View, view_of_text
from tests.gateway.learning.samples import NOW, note

SEAL = Seal("0123456789abcdef" * 4, LEARNING)
PLANTED = "Marie Curie, IBAN FR14 2004 1010 0505 0001 3M02 606"


def test_a_sample_has_the_numbers_of_what_was_asked_and_no_text() -> None:
    one = note(view=view_of_text(PLANTED))
    made = one.sample(SEAL)
    assert made.features == pack(read(one.view))
    assert made.text is None
    assert made[:9] == one[:9]
    assert PLANTED.encode() not in b"".join(value for value in made if isinstance(value, bytes))


def test_captured_text_is_sealed_and_opens_in_its_own_row_only() -> None:
    one = note(view=View(PLANTED, "Before", 60, 5, 0, 2), captured=True)
    made = one.sample(SEAL)
    assert made.text is not None
    assert PLANTED.encode() not in made.text
    assert view_in(SEAL, made) == one.view
    for forged in (
        made._replace(request_id="req_2"),
        made._replace(key="thief"),
        made._replace(clearance="local"),
        made._replace(at=NOW + 9),
    ):
        assert view_in(SEAL, forged) is None
    assert view_in(Seal("another secret", LEARNING), made) is None


def test_without_a_key_nothing_is_captured() -> None:
    assert note(captured=True).sample(None).text is None


def test_what_is_no_unicode_is_not_captured_and_holds_nothing_up() -> None:
    made = note(view=view_of_text("a\ud800b"), captured=True).sample(SEAL)
    assert made.text is None
    assert made.features == pack(read(view_of_text("a\ud800b")))


def test_a_row_and_its_note_are_sealed_alike() -> None:
    """What is said of a request later is sealed into the row that the note became."""
    one = note()
    assert opened(SEAL, one, sealed(SEAL, one.sample(None), b"words")) == b"words"


@given(st.text(max_size=60))
def test_all_or_none(request_id: str) -> None:
    assert is_kept(request_id, 1.0)
    assert not is_kept(request_id, 0.0)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_share_is_kept_and_it_is_the_same_everywhere(share: float) -> None:
    ids = [f"req_{number:032x}" for number in range(4000)]
    kept = [one for one in ids if is_kept(one, share)]
    assert len(kept) == pytest.approx(share * len(ids), abs=150)
    assert all(is_kept(one, share) for one in kept)
    assert all(is_kept(one, 0.9) for one in kept)
