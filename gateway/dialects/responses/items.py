"""Items: the input of a request as the list that is kept of it, each with an id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gateway.dialects.responses.fields import Json, items, kind_of, mapping, text, wrong
from gateway.wire.errors import BadRequest, NotFound

_PREFIXES = {"message": "msg", "function_call": "fc", "function_call_output": "fco", "reasoning": "rs"}
RESPONSE = "resp_"


def items_of(body: Json) -> list[Json]:
    """The input as a list of items, a plain text as the message it is short for."""
    given = body.get("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    if given is None:
        wrong("input", "a string or a list of items", None)
    return [mapping(item, f"input[{number}]") for number, item in enumerate(items(given, "input"))]


def with_ids(given: Iterable[Json], number: str) -> tuple[Json, ...]:
    """As they are listed and referred to later. `number` is what their ids have in common with the response's."""
    return tuple(_complete(item, number, place) for place, item in enumerate(given))


def references_in(given: Iterable[Json]) -> list[str]:
    """The ids of items that stand elsewhere, in order."""
    return [text(item.get("id"), f"input[{place}].id") for place, item in enumerate(given) if _is_reference(item)]


def response_of(item_id: str) -> str:
    """The id of the response that an item came with: it says so itself."""
    return RESPONSE + item_id.partition("_")[2].partition("_")[0]


def resolved(given: Iterable[Json], known: Mapping[str, Json]) -> list[Json]:
    """With the items in place of the references to them, `known` by their ids. Raises `NotFound`, in OpenAI's words."""
    found = []
    for item in given:
        if not _is_reference(item):
            found.append(item)
        elif item["id"] in known:
            found.append(known[item["id"]])
        else:
            raise NotFound(
                f"Item with id '{item['id'][:100]}' not found. Items are not persisted when `store` is set to false. "
                "Try again with `store` set to true, or remove this item from your input.",
                param="input",
            )
    return found


def page_of(listed: Sequence[Json], query: Mapping[str, str]) -> Json:
    """One page of a list. `query` may hold `order`, `limit` and `after`, as texts."""
    order = query.get("order", "desc")
    if order not in ("asc", "desc"):
        raise BadRequest("`order` must be asc or desc.", param="order", code="invalid_value")
    limit = query.get("limit", "20")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= 100):
        raise BadRequest("`limit` must be a whole number from 1 to 100.", param="limit", code="invalid_value")
    ordered = list(listed) if order == "asc" else list(listed)[::-1]
    after = query.get("after")
    if after is not None:
        place = next((place for place, item in enumerate(ordered) if item["id"] == after), None)
        if place is None:
            raise BadRequest("There is no item with the id given as `after`.", param="after", code="invalid_value")
        ordered = ordered[place + 1 :]
    page = ordered[: int(limit)]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": len(ordered) > len(page),
    }


def _is_reference(item: Json) -> bool:
    return item.get("type") in ("item_reference", None) and "id" in item and "role" not in item


def _complete(item: Json, number: str, place: int) -> Json:
    """With all that the SDKs expect of an item that is listed."""
    kind = kind_of(item) or "message"
    if isinstance(item.get("id"), str) and item["id"]:
        item_id = item["id"]
    else:
        item_id = f"{_PREFIXES.get(kind, 'item')}_{number}_i{place}"
    complete = {**item, "id": item_id, "type": kind}
    if kind == "reasoning":
        complete.setdefault("summary", [])
        return complete
    complete.setdefault("status", "completed")
    content = item.get("content")
    if kind == "message" and isinstance(content, str):
        complete["content"] = [_text_part(item.get("role"), content)]
    return complete


def _text_part(role: object, content: str) -> Json:
    if role == "assistant":
        return {"type": "output_text", "text": content, "annotations": []}
    return {"type": "input_text", "text": content}
