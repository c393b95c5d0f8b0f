"""CacheKeys: one key for two questions is a wrong answer; for two tenants, a leak."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.key import CacheKeys

SECRET = b"0123456789abcdef0123456789abcdef"
BODY: dict[str, object] = {
    "model": "auto",
    "messages": [{"role": "user", "content": "What is the capital of France?"}],
    "temperature": 0.2,
    "seed": 7,
}


def key(body: dict[str, object] | None = None, *, route: str = "auto", scope: str = "key:dev", labels: str = "") -> str:
    return CacheKeys(SECRET, "v1").key(BODY if body is None else body, route=route, scope=scope, labels=labels)


def test_the_same_question_has_the_same_key_in_every_process() -> None:
    assert key() == "38ee8993d3e5db1ed03550ccc894035bd21d8fc43eac959a38562049be999779"


def test_the_order_of_fields_does_not_matter_and_that_of_messages_does() -> None:
    assert key(dict(reversed(BODY.items()))) == key()
    first, second = {"role": "user", "content": "a"}, {"role": "user", "content": "b"}
    assert key({"messages": [first, second]}) != key({"messages": [second, first]})


def test_a_stream_and_a_plain_answer_share_an_entry() -> None:
    assert key({**BODY, "stream": True, "stream_options": {"include_usage": True}}) == key()


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.3},
        {"seed": 8},
        {"n": 2},
        {"max_tokens": 5},
        {"user": "someone"},
        {"tools": []},
        {"unknown_field": None},
        {"model": "other"},
    ],
)
def test_every_other_field_counts(change: dict[str, object]) -> None:
    assert key({**BODY, **change}) != key()


def test_route_scope_labels_policy_and_secret_count() -> None:
    others: list[Callable[[], str]] = [
        lambda: key(route="cloud"),
        lambda: key(scope="key:ops"),
        lambda: key(labels="local"),
        lambda: CacheKeys(SECRET, "v2").key(BODY, route="auto", scope="key:dev", labels=""),
        lambda: CacheKeys(b"another secret", "v1").key(BODY, route="auto", scope="key:dev", labels=""),
    ]
    assert len({key(), *(other() for other in others)}) == 1 + len(others)


def test_stream_inside_a_message_is_content_and_counts() -> None:
    assert key({"metadata": {"stream": "a"}}) != key({"metadata": {"stream": "b"}})


def test_without_a_secret_there_are_no_keys() -> None:
    with pytest.raises(ValueError, match="secret"):
        CacheKeys(b"", "v1")


def test_long_secrets_count_to_their_last_byte() -> None:
    first, second = CacheKeys(b"x" * 100, "v1"), CacheKeys(b"x" * 99 + b"y", "v1")
    assert first.key(BODY, route="r", scope="s", labels="") != second.key(BODY, route="r", scope="s", labels="")


# Texts that try to look like the framing around them.
tricky = st.text(alphabet='ab",[]{}:\\ \x00', max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | tricky,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(tricky, inner, max_size=3),
    max_leaves=8,
)
questions = st.tuples(tricky, tricky, tricky, tricky, st.dictionaries(tricky, values, max_size=3))


def preimage(question: tuple[str, str, str, str, dict[str, object]]) -> bytes:
    policy, route, scope, labels, body = question
    return CacheKeys(SECRET, policy).preimage(body, route=route, scope=scope, labels=labels)


@given(questions, questions)
def test_different_questions_never_run_together(
    one: tuple[str, str, str, str, dict[str, object]], other: tuple[str, str, str, str, dict[str, object]]
) -> None:
    same = orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(other, option=orjson.OPT_SORT_KEYS)
    assert (preimage(one) == preimage(other)) is same


@given(questions)
def test_the_preimage_says_everything_that_was_asked(
    question: tuple[str, str, str, str, dict[str, object]],
) -> None:
    policy, route, scope, labels, body = question
    assert orjson.loads(preimage(question)) == [policy, route, scope, labels, body]


@given(tricky, tricky, tricky, tricky)
def test_moving_a_character_from_one_part_to_the_next_is_another_key(a: str, b: str, c: str, d: str) -> None:
    parts = (a, b, c, d)
    for place in range(3):
        moved = list(parts)
        moved[place], moved[place + 1] = parts[place] + parts[place + 1], ""
        if tuple(moved) != parts:
            assert preimage((*parts, {})) != preimage((moved[0], moved[1], moved[2], moved[3], {}))
