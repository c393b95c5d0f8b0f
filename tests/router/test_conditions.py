"""If these fail, a rule holds for requests that it does not describe."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from router.asker import Asker
from router.conditions import (
    Condition,
    During,
    Holding,
    KeyIs,
    Length,
    Matches,
    Parameter,
    Spoken,
    Tagged,
    TeamIs,
    Tools,
    Turns,
)
from router.content import content_of
from router.expression import Expression
from router.facts import Facts
from router.hours import Hours
from router.occasion import Occasion

BODY: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is the capital of France?"},
    ],
    "temperature": 0.2,
    "max_completion_tokens": 50,
}
NOON = 1_782_907_200.0  # 2026-07-01 12:00 UTC, a Wednesday
FACTS = Facts(content_of(BODY), Asker("ci", "ops"), Occasion(NOON, frozenset({"batch"})), {"tools": "tools"}, BODY)
LIMITS = ("max_tokens", "max_completion_tokens")
UTC = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (KeyIs("keys", ["ci", "dev"]), True),
        (KeyIs("keys", ["dev"]), False),
        (TeamIs("teams", ["ops"]), True),
        (TeamIs("teams", ["ci"]), False),
        (Tagged("tags", ["batch", "eval"]), True),
        (Tagged("tags", ["eval"]), False),
        (Spoken("languages", ["en"]), True),
        (Spoken("languages", ["fr", "unknown"]), False),
        (Holding("modalities", ["text"]), True),
        (Holding("modalities", ["image"]), False),
        (Length("length", 39, 39), True),
        (Length("length", 40), False),
        (Turns("turns", 1, 1), True),
        (Turns("turns", 2), False),
        (Parameter("temperature", ("temperature",), 0, 0.2), True),
        (Parameter("temperature", ("temperature",), 0.3), False),
        (Parameter("max_tokens", LIMITS, 50), True),
        (Parameter("top_p", ("top_p",)), False),
        (Tools(True), True),
        (Tools(False), False),
        (Matches("matches", Expression("France")), True),
        (Matches("matches", Expression("brief")), False),
        (Matches("system_matches", Expression("brief"), in_system=True), True),
        (During(Hours(UTC, 0, 720)), False),
        (During(Hours(UTC, 720, 721)), True),
        (During(Hours(UTC, days=frozenset({2}))), True),
        (During(Hours(UTC, days=frozenset({3}))), False),
    ],
)
def test_what_holds(condition: Condition, holds: bool) -> None:
    assert condition.holds(FACTS) is holds


def test_without_the_time_no_hour_holds() -> None:
    unknown = Facts(content_of(BODY), Asker(), Occasion(), {}, None)
    assert not During(Hours(UTC)).holds(unknown)
    assert Tools(False).holds(unknown)
    assert not Parameter("temperature", ("temperature",)).holds(unknown)


@pytest.mark.parametrize("value", [True, "0.2", None, [1]])
def test_a_parameter_that_is_no_number_is_none(value: object) -> None:
    facts = Facts(content_of({}), Asker(), Occasion(), {}, {"temperature": value})
    assert not Parameter("temperature", ("temperature",)).holds(facts)


@pytest.mark.parametrize(
    ("one", "two", "includes"),
    [
        (KeyIs("keys", ["a", "b"]), KeyIs("keys", ["a"]), True),
        (KeyIs("keys", ["a"]), KeyIs("keys", ["a", "b"]), False),
        (KeyIs("keys", ["a"]), TeamIs("teams", ["a"]), False),
        (Length("length", 5), Length("length", 6, 7), True),
        (Length("length", 6, 7), Length("length", 5), False),
        (Turns("turns", 1), Length("length", 1), False),
        (Tools(True), Tools(True), True),
        (Tools(True), Tools(False), False),
        (Matches("matches", Expression("a")), Matches("matches", Expression("a")), True),
        (Matches("matches", Expression("a")), Matches("system_matches", Expression("a"), in_system=True), False),
        (During(Hours(UTC)), During(Hours(UTC, 5, 6)), True),
        (During(Hours(UTC, 5, 6)), During(Hours(ZoneInfo("Europe/Rome"), 5, 6)), False),
        (During(Hours(UTC)), Tools(True), False),
    ],
)
def test_what_includes_what(one: Condition, two: Condition, includes: bool) -> None:
    assert one.includes(two) is includes
    assert one.includes(one)
