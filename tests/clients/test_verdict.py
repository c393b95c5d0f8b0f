"""If these fail, a client that saw something wrong is counted as one that saw what it should."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients.behaviours import BEHAVIOURS
from tests.clients.catalogue import CLIENTS, Client
from tests.clients.verdict import Sight, wrong_with
from tests.upstream.behaviours import UNICODE
from tests.upstream.manners import CITY

CLIENT = Client("some", "some", {"429": "Limited", "502": "Failed", "504": "Late", "cut": "Cut"})
PATIENT = Client("some", "some", CLIENT.errors, repeats=False)
NOTHING: dict[str, Any] = {"text": "", "calls": [], "parsed": None, "logprobs": 0, "error": None, "status": None}
ANSWER = "local-model says: read 6 words, digest 0123abcd."


def sight(behaviour: str, *, streamed: bool = False, requests: int = 1, seconds: float = 0, **seen: Any) -> Sight:
    return Sight("way", "dialect", streamed, behaviour, {**NOTHING, **seen}, requests, seconds)


@pytest.mark.parametrize(
    "good",
    [
        sight("auto", text=ANSWER),
        sight("tool", calls=[["look", {"city": "City 0"}]]),
        sight("schema", parsed=CITY),
        sight("logprobs", text=ANSWER, logprobs=7),
        sight("utf8-split", text=UNICODE),
        sight("500", error="Failed", status=502),
        sight("500", error="Failed"),
        sight("cut", streamed=True, text="local-model says: ", error="Cut"),
        sight("hang", error="Late", status=504),
        sight("429-once", text=ANSWER, requests=2, seconds=1.1),
    ],
    ids=lambda sight: sight.behaviour,
)
def test_what_is_right(good: Sight) -> None:
    assert wrong_with(CLIENT, good) is None


@pytest.mark.parametrize(
    "bad",
    [
        sight("auto"),
        sight("auto", text=ANSWER[:-1]),
        sight("auto", text=ANSWER, error="Failed"),
        sight("tool", calls=[["look", {"city": "City 1"}]]),
        sight("parallel-tools", calls=[["look", {"city": "City 0"}]]),
        sight("schema", text='{"city": "Paris", "population": 2100000}'),
        sight("logprobs", text=ANSWER),
        sight("utf8-split", text=UNICODE.replace("ü", "u")),
        sight("500", text=ANSWER),
        sight("500", error="Late", status=502),
        sight("500", error="Failed", status=500),
        sight("500", error="Failed", status=502, requests=3),
        sight("500", error="Failed", status=502, text="something"),
        sight("cut", streamed=True, text="local-model says: "),
        sight("cut", streamed=True, error="Cut"),
        sight("cut", streamed=True, text=ANSWER, error="Cut"),
        sight("429-once", error="Limited", status=429),
        sight("429-once", text=ANSWER, requests=2, seconds=0.2),
    ],
    ids=lambda sight: sight.behaviour,
)
def test_what_is_wrong(bad: Sight) -> None:
    assert wrong_with(CLIENT, bad) is not None


def test_a_client_that_does_not_repeat_is_told_of_the_limit() -> None:
    assert wrong_with(PATIENT, sight("429-once", error="Limited", status=429)) is None
    assert wrong_with(PATIENT, sight("429-once", text=ANSWER)) is not None


def test_every_client_has_a_class_for_every_error() -> None:
    for client in CLIENTS:
        assert client.errors.keys() == CLIENT.errors.keys()
    assert len({behaviour.name for behaviour in BEHAVIOURS}) == len(BEHAVIOURS)
