"""If these fail, a conversation is listed wrongly, or goes on with items that were not meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.responses.items import items_of, page_of, references_in, resolved, response_of, with_ids
from gateway.wire.errors import BadRequest, NotFound

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        ("Hi", [{"type": "message", "role": "user", "content": "Hi"}]),
        ([{"role": "user", "content": "Hi"}], [{"role": "user", "content": "Hi"}]),
        ([], []),
    ],
)
def test_a_text_is_short_for_a_message(given_: object, found: list[Json]) -> None:
    assert items_of({"input": given_}) == found


@pytest.mark.parametrize(
    ("body", "param"),
    [({}, "input"), ({"input": None}, "input"), ({"input": 5}, "input"), ({"input": ["a"]}, "input[0]")],
)
def test_an_input_that_is_none_is_named(body: Json, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        items_of(body)
    assert caught.value.param == param


def test_items_are_listed_with_all_that_the_sdks_expect() -> None:
    found = with_ids(
        [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello"},
            {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "1"},
            {"type": "reasoning", "id": "rs_of_old", "encrypted_content": "x"},
        ],
        "07",
    )
    assert [item["id"] for item in found] == ["msg_07_i0", "msg_07_i1", "fc_07_i2", "fco_07_i3", "rs_of_old"]
    assert [item.get("status") for item in found] == ["completed"] * 4 + [None]
    assert found[0]["content"] == [{"type": "input_text", "text": "Hi"}]
    assert found[1]["content"] == [{"type": "output_text", "text": "Hello", "annotations": []}]
    assert found[4] == {"type": "reasoning", "id": "rs_of_old", "encrypted_content": "x", "summary": []}


@given(st.lists(st.sampled_from(["message", "function_call", "function_call_output"]), max_size=8))
def test_an_item_says_of_which_response_it_is(kinds: list[str]) -> None:
    items = with_ids([{"type": kind, "role": "user", "content": ""} for kind in kinds], "0123abc")
    assert len({item["id"] for item in items}) == len(kinds)
    assert {response_of(item["id"]) for item in items} <= {"resp_0123abc"}


def test_references_are_told_from_items_and_replaced() -> None:
    given_ = [
        {"type": "item_reference", "id": "msg_1_0"},
        {"id": "msg_1_1"},
        {"role": "user", "content": "Hi", "id": "x"},
    ]
    assert references_in(given_) == ["msg_1_0", "msg_1_1"]
    first, second = {"id": "msg_1_0", "type": "message"}, {"id": "msg_1_1", "type": "message"}
    assert resolved(given_, {"msg_1_0": first, "msg_1_1": second}) == [first, second, given_[2]]


def test_a_reference_to_nothing_is_answered_as_openai_does() -> None:
    with pytest.raises(NotFound) as caught:
        resolved([{"type": "item_reference", "id": "msg_1_0"}], {})
    assert (caught.value.status, caught.value.param, caught.value.code) == (404, "input", None)
    assert "Item with id 'msg_1_0' not found." in caught.value.message


@pytest.mark.parametrize("reference", [{"type": "item_reference", "id": 5}, {"id": None}])
def test_a_reference_without_an_id_is_named(reference: Json) -> None:
    with pytest.raises(BadRequest) as caught:
        references_in([reference])
    assert caught.value.param == "input[0].id"


ITEMS = [{"id": f"msg_{place}"} for place in range(45)]


def test_a_page_is_the_latest_twenty() -> None:
    page = page_of(ITEMS, {})
    assert [item["id"] for item in page["data"]] == [f"msg_{place}" for place in range(44, 24, -1)]
    assert (page["object"], page["first_id"], page["last_id"], page["has_more"]) == ("list", "msg_44", "msg_25", True)


@given(st.sampled_from(["asc", "desc"]), st.integers(1, 100))
def test_pages_put_together_are_the_list(order: str, limit: int) -> None:
    found: list[Json] = []
    query = {"order": order, "limit": str(limit)}
    while True:
        page = page_of(ITEMS, query)
        found += page["data"]
        if not page["has_more"]:
            break
        query["after"] = page["last_id"]
    assert found == (ITEMS if order == "asc" else ITEMS[::-1])


def test_an_empty_list_is_one() -> None:
    assert page_of([], {}) == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("order", "up"),
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "-1"),
        ("limit", "١"),
        ("limit", ""),
        ("after", "msg_99"),
    ],
)
def test_a_query_that_is_none_is_named(name: str, value: str) -> None:
    with pytest.raises(BadRequest) as caught:
        page_of(ITEMS, {name: value})
    assert caught.value.param == name
