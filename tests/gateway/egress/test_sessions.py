"""If these fail, conversations wander, or one key's are taken for another's."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from gateway.egress.sessions import KEPT_SECONDS, Sessions, home_of
from tests.gateway.egress.test_room import Clock

FIRST = [{"role": "system", "content": "You are terse."}, {"role": "user", "content": "Hello"}]
LATER = [*FIRST, {"role": "assistant", "content": "Hi."}, {"role": "user", "content": "Go on"}]


def sessions(most: int = 100, clock: Clock | None = None) -> Sessions:
    return Sessions(b"secret", clock or Clock(), most)


def name(messages: list[dict[str, Any]] | None = None, who: str = "dev", said: str | None = None, **body: Any) -> bytes:
    found = sessions().name(who, said, {"messages": FIRST if messages is None else messages, **body})
    assert found is not None
    return found


def test_a_conversation_is_known_by_how_it_began() -> None:
    assert name(LATER) == name(FIRST)
    parts = [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]
    assert name([*parts, LATER[2]]) == name(parts)


def test_of_a_long_picture_or_text_the_beginning_is_looked_at_and_no_more() -> None:
    """A request of megabytes would keep all others waiting."""

    def showing(picture: str, text: str = "What is it?") -> bytes:
        shown = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}
        return name([{"role": "user", "content": [{"type": "text", "text": text}, shown]}])

    assert showing("AAAA") != showing("AAAB")
    assert showing("AAAA") != showing("AAAA", "What is that?")
    assert showing("A" * 100_000 + "B") == showing("A" * 100_000 + "C")
    assert showing("A", "a" * 100_000 + "B") == showing("A", "a" * 100_000 + "C")
    assert name([{"role": "user", "content": [{"text": str(number)} for number in range(1000)]}])


@pytest.mark.parametrize(
    "other",
    [
        name(who="other"),
        name([FIRST[0], {"role": "user", "content": "Hello!"}]),
        name([{"role": "system", "content": "You are terse"}, FIRST[1]]),
        name([FIRST[1]]),
        name(said="conversation-7"),
        name(prompt_cache_key="conversation-8"),
        Sessions(b"other secret", Clock()).name("dev", None, {"messages": FIRST}),
    ],
)
def test_another_one_is_another(other: bytes) -> None:
    assert other != name()


def test_what_the_caller_calls_it_counts_before_how_it_began() -> None:
    assert name(said="seven") == name([{"role": "user", "content": "Else"}], said="seven")
    assert name(prompt_cache_key="seven") == name(LATER, said="seven")
    assert name(said="seven") != name(said="seven", who="other")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"input": "a text to embed"},
        {"messages": "none"},
        {"messages": [{"role": "system", "content": "You are terse."}]},
        {"messages": [7]},
        {"messages": [{"role": "user", "content": [2**70]}]},
        {"prompt_cache_key": 7},
    ],
)
def test_what_has_no_beginning_is_no_conversation(body: dict[str, Any]) -> None:
    assert sessions().name("dev", None, body) is None


def test_who_answered_last_is_remembered_for_a_while() -> None:
    clock = Clock()
    kept = sessions(clock=clock)
    kept.keep(b"one", "gpu1", 500, 20)
    kept.keep(b"one", "gpu2", 900, 40)
    found = kept.kept(b"one")
    assert found is not None
    assert found[:3] == ("gpu2", 900, 40)
    clock.now += KEPT_SECONDS + 1
    assert kept.kept(b"one") is None
    assert len(kept) == 0


def test_what_nobody_asks_about_any_more_takes_no_room_for_ever() -> None:
    clock = Clock()
    kept = sessions(clock=clock)
    for number in range(50):
        kept.keep(bytes([number]), "gpu", 1, 1)
        clock.now += KEPT_SECONDS / 10
    assert len(kept) == 11
    assert kept.kept(bytes([49])) is not None


def test_no_more_are_remembered_than_there_is_room_for() -> None:
    kept = sessions(most=3)
    for number in b"abc":
        kept.keep(bytes([number]), "gpu", 1, 1)
    kept.keep(b"a", "gpu", 1, 1)
    kept.keep(b"d", "gpu", 1, 1)
    assert [kept.kept(bytes([number])) is not None for number in b"abcd"] == [True, False, True, True]


def test_sessions_are_spread_by_weight_and_only_those_of_who_goes_move() -> None:
    members = [("a", 1), ("b", 1), ("c", 2)]
    homes = {number: home_of(number.to_bytes(16), members) for number in range(4000)}
    counts = Counter(homes.values())
    assert 0.45 < counts["c"] / 4000 < 0.55
    assert 0.21 < counts["a"] / 4000 < 0.29
    fewer = {number: home_of(number.to_bytes(16), members[1:]) for number in homes}
    assert all(fewer[number] == home for number, home in homes.items() if home != "a")
    assert home_of(b"any", []) == ""
