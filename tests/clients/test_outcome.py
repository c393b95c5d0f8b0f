"""If these fail, a script that died, or tried nothing, passes."""

from __future__ import annotations

import json

from tests.clients.catalogue import CLIENTS
from tests.clients.outcome import judged

LINES = [
    json.dumps({"version": "1.0"}),
    json.dumps({"check": "models", "failure": None}),
    json.dumps({"check": "usage", "failure": "KeyError: 'x'"}),
    json.dumps(
        {
            "way": "create",
            "dialect": "OpenAI chat",
            "streamed": False,
            "behaviour": "auto",
            "seen": {"text": "no", "calls": [], "parsed": None, "logprobs": 0, "error": None, "status": None},
            "requests": 1,
            "seconds": 0.1,
        }
    ),
]


def test_everything_is_counted() -> None:
    outcome = judged(CLIENTS[0], LINES, [("line 3", None), ("line 9", "printed ''")], [])
    assert outcome.line == f"{CLIENTS[0].name} 1.0: 2 passed, 3 failed"
    assert [failure.split(":")[0] for failure in outcome.failures] == ["usage", "create", "line 9"]


def test_a_script_that_died_has_failed() -> None:
    assert judged(CLIENTS[0], LINES[:1], [], ["its script ended with status 1"]).failures[0].startswith("its script")


def test_a_script_that_tried_nothing_has_failed() -> None:
    assert judged(CLIENTS[0], LINES[:2], [], []).failures == ("nothing was tried",)
