"""If these fail, something that was to be masked leaves, or a request means something else than it did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.content import content_of
from router.masking.masker import UnmaskableError, mask
from router.masking.restorer import has_escapes, restored
from router.sensitivity.finding import Finding
from tests.router.masking.cases import WORDS, chat, filler, masked

PEOPLE = {"Jean Dupont": "PERSON", "Ann": "PERSON", "ann@example.org": "EMAIL"}


def test_people_stay_apart_and_values_are_the_same_everywhere() -> None:
    body = chat("Jean Dupont met Ann.", "Ann <ann@example.org> wrote to Jean Dupont")
    found = masked(body, PEOPLE)
    assert [message["content"] for message in found.body["messages"]] == [
        "<PERSON_1> met <PERSON_2>.",
        "<PERSON_2> <<EMAIL_1>> wrote to <PERSON_1>",
    ]
    assert found.values == {"PERSON_1": "Jean Dupont", "PERSON_2": "Ann", "EMAIL_1": "ann@example.org"}
    assert found.types == {"PERSON": 2, "EMAIL": 1}
    assert body == chat("Jean Dupont met Ann.", "Ann <ann@example.org> wrote to Jean Dupont")


def test_a_value_is_masked_where_it_was_not_found_as_well() -> None:
    body = chat("Ann", "and Ann again, in ANN@example.org", metadata={"who": "Ann"})
    content = content_of(body)
    found = mask(body, content, [Finding(0, 0, 3, "PERSON", 0.9)])
    assert found.body["messages"][1]["content"] == "and <PERSON_1> again, in ANN@example.org"
    assert found.body["metadata"] == {"who": "<PERSON_1>"}


def test_findings_that_overlap_are_one() -> None:
    body = chat("see ann@example.org now")
    spans = [Finding(0, 4, 9, "PERSON", 0.9), Finding(0, 4, 19, "EMAIL", 0.9), Finding(0, 16, 23, "ADDRESS", 0.9)]
    found = mask(body, content_of(body), spans)
    assert found.body["messages"][0]["content"] == "see <EMAIL_1>"
    assert found.values == {"EMAIL_1": "ann@example.org now"}


def test_json_in_a_string_stays_json() -> None:
    arguments = json.dumps({"to": "Jean Dupont", "card": 4970100000000154, "pass": 'p"s\\s\n1', "Ann": [1]})
    call = {"id": "c", "type": "function", "function": {"name": "send", "arguments": arguments}}
    body = {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]}
    words = {**PEOPLE, "4970100000000154": "CARD", json.dumps('p"s\\s\n1')[1:-1]: "PASSWORD"}
    found = masked(body, words)
    masked_arguments = found.body["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(masked_arguments) == {
        "to": "<PERSON_1>",
        "card": "<CARD_1>",
        "pass": "<PASSWORD_1>",
        "<PERSON_2>": [1],
    }
    assert found.values["PASSWORD_1"] == 'p"s\\s\n1'
    restored_arguments = restored(masked_arguments, found.values, escapes=True)
    assert json.loads(restored_arguments) == {**json.loads(arguments), "card": "4970100000000154"}


def test_the_same_value_with_and_without_escapes_is_the_same() -> None:
    body = chat('{"a": "Ann\\"s"}', 'see Ann"s')
    found = masked(body, {'Ann\\"s': "PERSON", 'Ann"s': "PERSON"})
    assert found.values == {"PERSON_1": 'Ann"s'}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"metadata": {"Ann": "x"}}, "key"),
        ({"x": 12345678901}, "key"),
        ({"messages": [{"role": "user", "name": "Ann", "content": "x"}]}, "name"),
        ({"tools": [{"type": "function", "function": {"name": "Ann"}}]}, "name"),
        (chat('{"a": "Ann", "b": "Lee"}'), "structure"),
        (chat("Ann", logprobs=True), "logprobs"),
        ({"prompt": "Ann", "logprobs": 0}, "logprobs"),
        (chat("Ann", modalities=["text", "audio"]), "audio"),
        (chat("Ann", audio={"voice": "x"}), "audio"),
        ({"a": {"b": "Ann"}, "a.b": "Ann"}, "key"),
        (chat("12345678", seed=12345678), "left"),
    ],
)  # fmt: skip
def test_what_cannot_be_masked_with_certainty_is_not(body: dict[str, Any], why: str) -> None:
    words = {"Ann": "PERSON", "12345678901": "ID", 'Ann", "b": "Lee': "ADDRESS", "12345678": "ID"}
    if why == "structure":
        del words["Ann"]
    with pytest.raises(UnmaskableError) as refused:
        masked(body, words)
    assert refused.value.why == why


@pytest.mark.parametrize("place", [(9, 0, 1), (0, 2, 2), (0, 0, 99), (0, -1, 2)])
def test_findings_that_are_none_are_refused(place: tuple[int, int, int]) -> None:
    body = chat("Ann")
    with pytest.raises(UnmaskableError, match="offsets"):
        mask(body, content_of(body), [Finding(*place, "X", 1)])


def test_too_much_to_look_through_is_refused() -> None:
    words = {f"name{number:04}": "PERSON" for number in range(1000)}
    with pytest.raises(UnmaskableError, match="size"):
        masked(chat(" ".join(words) + " filler" * 10_000), words)


texts = st.lists(filler | st.sampled_from(sorted(WORDS)) | st.sampled_from(["<PERSON_1>", "person_1"]), max_size=6).map(
    "".join
)
leaves = texts | texts.map(lambda text: json.dumps({"a": [text]})) | st.integers(0, 10**12) | st.booleans() | st.none()
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["messages", "metadata", "tools", "x"]), values, max_size=3))
def test_what_is_masked_holds_no_value_and_comes_back_whole(body: dict[str, Any]) -> None:
    words: Mapping[str, str] = {**WORDS, json.dumps('p"s\\s\n1')[1:-1]: "PASSWORD"}
    try:
        found = masked(body, words)
    except UnmaskableError:
        return
    sent = orjson.dumps(found.body).decode()
    for value in found.values.values():
        if not value.isalpha():
            assert value not in sent
            assert orjson.dumps(value).decode()[1:-1] not in sent
    assert read(home(found.body, found.values)) == read(body)


def home(value: Any, values: Mapping[str, str]) -> Any:
    """What comes home of a model that says all that it was sent."""
    if isinstance(value, str):
        return restored(value, values, escapes=has_escapes(values))
    if isinstance(value, list):
        return [home(item, values) for item in value]
    return {name: home(item, values) for name, item in value.items()} if isinstance(value, dict) else value


def read(value: Any) -> Any:
    """With JSON in strings read, so that its blanks and escapes do not matter."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return read(json.loads(value))
        except ValueError:
            return value
    if isinstance(value, list):
        return [read(item) for item in value]
    return {name: read(item) for name, item in value.items()} if isinstance(value, dict) else value
