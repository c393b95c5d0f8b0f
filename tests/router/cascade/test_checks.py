"""A user loses: an answer that is certainly wrong is passed on, or one that may be right is not."""

from __future__ import annotations

import pytest

from router.cascade.answer import Answer, Question, ToolCall
from router.cascade.checks import FAULTS, fault

PLAIN = Question("Tell me.")
CITY = {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}}
TOOLS = {"weather": CITY, "time": {}}


def calls(*pairs: tuple[str, str], text: str = "") -> Answer:
    return Answer(text, "tool_calls", calls=tuple(ToolCall(*pair) for pair in pairs))


@pytest.mark.parametrize(
    ("question", "answer", "found"),
    [
        (PLAIN, Answer("Well, it is so."), None),
        (PLAIN, Answer(" \n"), "empty"),
        (PLAIN, Answer("Well. " + "and so on " * 30), "loop"),
        (PLAIN, Answer("2 + 2 = 5."), "arithmetic"),
        (Question("Is 2 + 2 = 5?"), Answer("No: 2 + 2 = 5 is wrong."), None),
        (Question("What is 347 + 58?"), Answer("405"), None),
        (Question("What is 347 + 58?"), Answer("It is 406"), "arithmetic"),
        (Question("What is 347 + 58?"), Answer("First take the 300 of 347 and", "length"), None),
        (Question("What is 347 + 58?"), Answer("four hundred and five"), None),
        (Question("x", schema=CITY), Answer('{"city": "Oslo"}'), None),
        (Question("x", schema=CITY), Answer('{"city": 3}'), "schema"),
        (Question("x", schema=CITY), Answer('Sure! {"city": "Oslo"}'), "schema"),
        (Question("x", schema=CITY), Answer('{"city": "Os', "length"), "schema"),
        (Question("x", wants_object=True), Answer("[1]"), "schema"),
        (Question("x", wants_object=True), Answer("{}"), None),
        (Question("x", tools=TOOLS), calls(("weather", '{"city": "Oslo"}')), None),
        (Question("x", tools=TOOLS), calls(("weather", '{"city": 3}')), "tool-call"),
        (Question("x", tools=TOOLS), calls(("weather", '{"city": ')), "tool-call"),
        (Question("x", tools=TOOLS), calls(("weather", "[]")), "tool-call"),
        (Question("x", tools=TOOLS), calls(("time", "")), None),
        (Question("x", tools=TOOLS), calls(("time", "{}"), ("nothing", "{}")), "tool-call"),
        (Question("x", tools=TOOLS), Answer("I can say that without."), None),
        (Question("x", tools=TOOLS, must_call=""), Answer("I can say that without."), "tool-call"),
        (Question("x", tools=TOOLS, must_call="time"), calls(("weather", '{"city": "Oslo"}')), "tool-call"),
        (Question("x", tools=TOOLS, schema=CITY), calls(("time", "{}")), None),
        (PLAIN, calls(("anything", "?")), None),
    ],
)
def test_faults(question: Question, answer: Answer, found: str | None) -> None:
    assert fault(question, answer) == found
    assert found is None or found in FAULTS


@pytest.mark.parametrize("question", [Question("x", schema=CITY), Question("x", tools=TOOLS, must_call="")])
def test_what_only_an_end_can_show_is_not_asked_of_a_part(question: Question) -> None:
    assert fault(question, Answer('{"ci', "", is_whole=False)) is None
    assert fault(question, Answer("", "", is_whole=False)) is None


def test_a_part_can_be_wrong() -> None:
    assert fault(PLAIN, Answer("2 + 2 = 5. And", "", is_whole=False)) == "arithmetic"
    assert fault(PLAIN, Answer("2 + 2 = 5", "", is_whole=False)) is None  # 50?
    assert fault(PLAIN, Answer("and so on " * 30, "", is_whole=False)) == "loop"


def test_json_that_is_too_deep_is_none() -> None:
    assert fault(Question("x", wants_object=True), Answer("[" * 100_000)) == "schema"
