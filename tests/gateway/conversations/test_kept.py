"""What is kept comes back as it was, and the next turn follows on all of it."""

from __future__ import annotations

from gateway.conversations.kept import Kept
from router.clearance import Clearance
from tests.gateway.conversations.samples import kept, message


def test_there_and_back() -> None:
    one = kept(clearance=Clearance.parse("masked:eu+local"), said="Grüße, 你好", items=[message("a"), message("b")])
    assert Kept.of(one.id, one.owner, str(one.clearance), one.content()) == one


def test_a_conversation_is_what_was_given_and_then_what_was_answered() -> None:
    one = kept(said="Hello", items=[message("a"), message("b")])
    said = [item["content"][0]["text"] for item in one.conversation]
    assert said == ["a", "b", "Hello"]
