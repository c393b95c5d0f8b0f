"""A user loses: a conversation judged by its first turn, or a long paste that hides the question at its end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.content import Content, Origin, Segment, content_of_messages
from router.difficulty.view import EARLIER_CHARS, HEAD_CHARS, TAIL_CHARS, clip, view_of_content, view_of_text


def test_the_last_user_turn_is_the_task() -> None:
    view = view_of_content(
        content_of_messages(
            [
                {"role": "system", "content": "You are a pirate."},
                {"role": "user", "content": "Tell me about the sea."},
                {"role": "assistant", "content": "Arr."},
                {"role": "user", "content": [{"type": "text", "text": "And now"}, {"type": "text", "text": "a joke."}]},
            ]
        )
    )
    assert view.task == "And now\na joke."
    assert view.earlier == "Tell me about the sea."
    assert view.turns == 2
    assert view.system_length == len("You are a pirate.")


def test_the_system_prompt_is_not_read_as_a_question() -> None:
    hard = "Prove the Riemann hypothesis, step by step, rigorously."
    view = view_of_content(
        content_of_messages([{"role": "system", "content": hard}, {"role": "user", "content": "hello"}])
    )
    assert hard not in view.task + view.earlier


def test_tool_definitions_count_by_length() -> None:
    content = Content((Segment("tools[0].function.description", Origin.TOOL_DEFINITION, "x" * 40),))
    assert view_of_content(content).tool_length == 40
    assert view_of_content(content).turns == 0


def test_head_and_tail_of_a_long_turn_are_kept() -> None:
    view = view_of_text("Summarise this. " + "blah " * 5000 + "Answer in French.")
    assert view.task.startswith("Summarise this.")
    assert view.task.endswith("Answer in French.")
    assert view.task_length > len(view.task)


def test_of_earlier_turns_the_latest_words_are_kept() -> None:
    messages = [{"role": "user", "content": f"turn {number} " + "x" * 400} for number in range(10)]
    view = view_of_content(content_of_messages(messages))
    assert len(view.earlier) == EARLIER_CHARS
    assert "turn 8" in view.earlier
    assert "turn 0" not in view.earlier


@given(st.text(max_size=HEAD_CHARS + TAIL_CHARS + 200))
def test_a_clip_is_never_longer_than_head_and_tail(text: str) -> None:
    assert len(clip(text)) <= HEAD_CHARS + TAIL_CHARS + 1
