"""If these fail, a key gets into a log with something that it is part of."""

from __future__ import annotations

from gateway.access.registry import Made
from gateway.access.stored import StoredKey
from gateway.access.terms import KeyTerms
from gateway.admin.key_shown import KeyMade
from tests.gateway.access.samples import NOW


def test_a_key_that_was_made_is_not_printed_with_what_it_is_part_of() -> None:
    made = Made("tg-hush", StoredKey("ann", KeyTerms(), NOW, "root", None, None, ()))
    shown = KeyMade.made(made, NOW)
    assert shown.key == made.secret
    assert "hush" not in f"{made!r} {shown!r} {shown}"
    assert "hush" in shown.model_dump_json()
