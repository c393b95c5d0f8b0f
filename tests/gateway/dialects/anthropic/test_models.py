"""If these fail, an Anthropic client cannot list what it may ask for."""

from __future__ import annotations

from gateway.dialects.anthropic.models import model_info, model_list


def test_a_model_as_anthropic_tells_of_it() -> None:
    assert model_info("org/model:1b", 1_700_000_000) == {
        "type": "model",
        "id": "org/model:1b",
        "display_name": "org/model:1b",
        "created_at": "2023-11-14T22:13:20Z",
        "lifecycle": "active",
    }


def test_all_of_them_on_one_page() -> None:
    found = model_list(["a", "b"], 0)
    assert [model["id"] for model in found["data"]] == ["a", "b"]
    assert (found["has_more"], found["first_id"], found["last_id"]) == (False, "a", "b")
    assert model_list([], 0) == {"data": [], "has_more": False, "first_id": None, "last_id": None}
