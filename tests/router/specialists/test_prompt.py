"""If these fail, a request is compared with examples by something that examples do not have."""

from __future__ import annotations

import pytest

from router.content import content_of
from router.difficulty.view import view_of_content, view_of_text
from router.specialists.prompt import FEW, prompt_of


def test_of_a_conversation_only_what_the_user_said_is_read() -> None:
    body = {
        "messages": [
            {"role": "system", "content": "one two three"},
            {"role": "user", "content": "first question"},
            {"role": "assistant", "content": "no word of this"},
            {"role": "user", "content": "second question"},
        ]
    }
    prompt = prompt_of(view_of_content(content_of(body)))
    assert (prompt.keys.size, prompt.earlier.size) == (2, 1)
    assert prompt.length**2 == pytest.approx(2 + 0.4 + FEW)
    view = prompt.counts[0]
    assert (view.task, view.system_length, view.tool_length, view.turns) == ("second question", 0, 0, 1)


def test_alone_it_is_what_an_example_is() -> None:
    one = prompt_of(view_of_text("second question"))
    two = prompt_of(view_of_content(content_of({"messages": [{"role": "user", "content": "second question"}]})))
    assert one.counts == two.counts
    assert one.keys.tolist() == two.keys.tolist()
