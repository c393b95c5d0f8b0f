"""If these fail, an answer is made otherwise than the client asked for."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.dialects.ollama.options import form, probabilities, sampling, thinking
from gateway.wire.errors import BadRequest

# Every option of Ollama's API documentation.
DOCUMENTED = {
    "num_keep": 5,
    "seed": 42,
    "num_predict": 100,
    "top_k": 20,
    "top_p": 0.9,
    "min_p": 0.0,
    "typical_p": 0.7,
    "repeat_last_n": 33,
    "temperature": 0.8,
    "repeat_penalty": 1.2,
    "presence_penalty": 1.5,
    "frequency_penalty": 1.0,
    "penalize_newline": True,
    "stop": ["\n", "user:"],
    "numa": False,
    "num_ctx": 1024,
    "num_batch": 2,
    "num_gpu": 1,
    "main_gpu": 0,
    "use_mmap": True,
    "num_thread": 8,
}


def test_how_to_write_is_sent_on_and_how_to_load_is_not() -> None:
    assert sampling({"options": DOCUMENTED}) == {
        "seed": 42,
        "max_tokens": 100,
        "top_k": 20,
        "top_p": 0.9,
        "min_p": 0.0,
        "typical_p": 0.7,
        "repeat_last_n": 33,
        "temperature": 0.8,
        "repeat_penalty": 1.2,
        "repetition_penalty": 1.2,
        "presence_penalty": 1.5,
        "frequency_penalty": 1.0,
        "penalize_newline": True,
        "stop": ["\n", "user:"],
    }


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (None, {}),
        ({}, {}),
        ({"temperature": None}, {}),
        ({"num_predict": -1}, {}),
        ({"num_predict": -2}, {}),
        ({"num_predict": 0}, {}),
        ({"num_predict": 7.0}, {"max_tokens": 7}),
        ({"seed": -1}, {}),
        ({"seed": 0}, {"seed": 0}),
        ({"stop": []}, {}),
        ({"stop": "x"}, {"stop": "x"}),
        ({"of_a_later_version": [1]}, {"of_a_later_version": [1]}),
        ({"messages": [], "model": "x", "stream": False, "n": 5, "tools": []}, {}),
    ],
)
def test_what_options_mean(options: object, found: dict[str, Any]) -> None:
    assert sampling({"options": options}) == found


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ([], "options"),
        ({"temperature": "hot"}, "options.temperature"),
        ({"num_predict": True}, "options.num_predict"),
        ({"top_k": {}}, "options.top_k"),
        ({"stop": 5}, "options.stop"),
        ({"stop": [None]}, "options.stop"),
    ],
)
def test_an_option_that_is_none_is_named(options: object, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        sampling({"options": options})
    assert caught.value.param == param


def test_formats() -> None:
    schema = {"type": "object"}
    assert form({}) == form({"format": None}) == form({"format": ""}) == {}
    assert form({"format": "json"}) == {"response_format": {"type": "json_object"}}
    assert form({"format": schema})["response_format"]["json_schema"]["schema"] is schema
    for wrong in ("xml", 5, ["json"], True):
        with pytest.raises(BadRequest) as caught:
            form({"format": wrong})
        assert caught.value.param == "format"


@pytest.mark.parametrize(
    ("think", "effort"), [(True, "medium"), (False, "none"), ("low", "low"), ("high", "high"), ("max", "max")]
)
def test_thinking(think: object, effort: str) -> None:
    assert thinking({"think": think}) == {"reasoning_effort": effort}


def test_whether_to_think_may_be_left_to_the_model() -> None:
    assert thinking({}) == thinking({"think": None}) == thinking({"think": ""}) == {}
    with pytest.raises(BadRequest) as caught:
        thinking({"think": 5})
    assert caught.value.param == "think"


def test_log_probabilities() -> None:
    assert probabilities({"logprobs": True}) == {"logprobs": True}
    assert probabilities({"logprobs": True, "top_logprobs": 3}) == {"logprobs": True, "top_logprobs": 3}
    assert probabilities({"top_logprobs": 3}) == probabilities({"logprobs": None}) == {}
    for body in ({"top_logprobs": 21}, {"top_logprobs": -1}, {"top_logprobs": True}, {"logprobs": 1}):
        with pytest.raises(BadRequest):
            probabilities(body)
