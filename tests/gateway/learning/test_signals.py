"""If these fail, a program that repeats itself passes for a dissatisfied person, or answers get others' blame."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.learning.sample import Label, Went
from gateway.learning.signals import (
    FOLLOW_UP_SECONDS,
    HASTE_SECONDS,
    MOST_MESSAGES,
    MOST_TIMES,
    REGENERATE_SECONDS,
    WEIGHT,
    Signals,
)
from tests.gateway.learning.samples import NOW

Messages = list[dict[str, Any]]


def user(text: Any) -> dict[str, Any]:
    return {"role": "user", "content": text}


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


FIRST: Messages = [{"role": "system", "content": "Be brief."}, user("What is the capital of Australia?")]


class Desk:
    """Asks and answers at once."""

    def __init__(self, **more: Any) -> None:
        self.signals = Signals(**more)
        self.asked = 0

    def ask(
        self,
        messages: Messages,
        at: float = 0.0,
        *,
        went: Went = "small",
        key: str = "dev",
        route: str = "auto",
        **of: bool,
    ) -> list[Label]:
        """What the request says of earlier ones. Requests are numbered from 1."""
        self.asked += 1
        turn = self.signals.turn(route, key, messages)
        assert turn is not None
        labels = self.signals.heed(turn, key, NOW + at, **of)
        self.signals.remember(turn, f"req_{self.asked}", went, NOW + at)
        return list(labels)


def test_asking_again_says_a_little_against_the_answer_before() -> None:
    desk = Desk()
    assert desk.ask(FIRST) == []
    assert desk.ask(FIRST, 30, went="large") == [Label("req_1", NOW + 30, "regenerate", "dev", 0.0, None, WEIGHT)]
    assert desk.ask(FIRST, 60) == [Label("req_2", NOW + 60, "regenerate", "dev", None, 0.0, WEIGHT)]


@pytest.mark.parametrize("after", [-5.0, 0.0, HASTE_SECONDS / 2, REGENERATE_SECONDS + 1])
def test_too_soon_is_a_program_and_too_late_is_another_question(after: float) -> None:
    desk = Desk()
    desk.ask(FIRST)
    assert desk.ask(FIRST, after) == []


def test_what_goes_on_asking_is_a_program() -> None:
    desk = Desk()
    labels = [desk.ask(FIRST, 60.0 * number) for number in range(20)]
    assert [bool(one) for one in labels] == [False] + [True] * (MOST_TIMES - 1) + [False] * (20 - MOST_TIMES)


@pytest.mark.parametrize(
    "change",
    [
        {"key": "other"},
        {"route": "cloud"},
        {"messages": [FIRST[0], user("What is the capital of Austria?")]},
        {"messages": [FIRST[1]]},
    ],
)
def test_another_ones_or_another_conversation_is_no_asking_again(change: dict[str, Any]) -> None:
    desk = Desk()
    desk.ask(FIRST)
    assert desk.ask(**{"messages": FIRST, "at": 30, **change}) == []


@pytest.mark.parametrize(("turn", "score"), [("No, that's wrong.", 0.0), ("Thanks!", 1.0)])
@pytest.mark.parametrize("went", ["small", "large"])
def test_the_next_turn_may_say_something_of_the_answer(turn: str, score: float, went: Went) -> None:
    desk = Desk()
    desk.ask(FIRST, went=went)
    (label,) = desk.ask([*FIRST, said("Sydney."), user(turn)], 20)
    weak, strong = (score, None) if went == "small" else (None, score)
    assert label == Label("req_1", NOW + 20, "follow-up", "dev", weak, strong, WEIGHT)


def test_it_is_said_of_the_last_answer() -> None:
    desk = Desk()
    desk.ask(FIRST)
    second = [*FIRST, said("Sydney."), user("Are you sure?")]
    assert desk.ask(second, 10) == []
    (label,) = desk.ask([*second, said("Yes."), user([{"type": "text", "text": "That's not right."}])], 20)
    assert label.request_id == "req_2"


@pytest.mark.parametrize(
    "messages",
    [
        [*FIRST, said("Canberra."), user("And of Austria?")],
        [*FIRST, user("That's wrong.")],
        [user("Hello"), said("Sydney."), user("That's wrong.")],
        [FIRST[1], said("Sydney."), user("That's wrong.")],
    ],
)
def test_other_turns_say_nothing(messages: Messages) -> None:
    desk = Desk()
    desk.ask(FIRST)
    assert desk.ask(messages, 20) == []


def test_after_an_hour_it_is_forgotten() -> None:
    desk = Desk()
    desk.ask(FIRST)
    assert desk.ask([*FIRST, said("Sydney."), user("Thanks")], FOLLOW_UP_SECONDS + 1) == []


def test_each_can_be_switched_off() -> None:
    desk = Desk()
    desk.ask(FIRST)
    assert desk.ask(FIRST, 30, regenerate=False) == []
    assert desk.ask([*FIRST, said("Sydney."), user("Thanks")], 60, follow_up=False) == []


def test_of_many_conversations_the_latest_are_remembered() -> None:
    desk = Desk(most=3)
    for number in range(5):
        desk.ask([user(f"Question {number}")])
    again = [bool(desk.ask([user(f"Question {number}")], 30)) for number in (4, 0)]
    assert again == [True, False]


@pytest.mark.parametrize(
    "messages",
    [
        None,
        [],
        "Hello",
        ["Hello"],
        [said("Hello")],
        [user("x"), {"role": "tool", "content": "4"}],
        [user("x")] * (MOST_MESSAGES + 1),
        [user("a\ud800b")],
        [{"role": "user", "content": 10**30}],
    ],
)
def test_what_is_no_conversation_is_left_alone(messages: Any) -> None:
    assert Signals().turn("auto", "dev", messages) is None


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=6))
def test_digests_hold_nothing_of_what_was_said_and_are_of_this_process(texts: list[str]) -> None:
    messages = [user(text) for text in texts]
    one, other = Signals().turn("auto", "dev", messages), Signals().turn("auto", "dev", messages)
    assert one is not None
    assert other is not None
    assert len(one.whole) == 16
    assert one.whole != other.whole
