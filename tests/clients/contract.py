"""The contract: schemathesis against the gateway's own OpenAPI document, in an environment of its own."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

from tests.clients.catalogue import ROOT
from tests.clients.environment import NotBuilt, python_environment
from tests.clients.outcome import Outcome
from tests.clients.stage import Failed, stage

NAME: Final = "schemathesis"
_LOCK: Final = ROOT / f"requirements/clients/{NAME}.txt"
_HOOKS: Final = "tests.clients.contract_hooks"
_EXAMPLES: Final = 30  # of each operation, and as many again that are wrong; some twenty seconds
_SHOWN: Final = 20_000  # characters of what it says when it has found something
_SEED: Final = 1  # the same requests every time: what one change breaks is not found by the next
_SETTINGS: Final = """
[auth.openapi.bearer]
bearer = "KEY"

[auth.openapi.x-api-key]
api_key = "KEY"

# Ollama's clients look there for a server; for all others there is nothing, whatever the method.
[[operations]]
include-path = "/"
checks.unsupported_method.enabled = false

# What a conversation may hold depends on what was said before: no schema tells that.
[[operations]]
include-path-regex = "/v1/(messages|responses)"
checks.positive_data_acceptance.enabled = false

# A cursor is one of a certain list, and a time one of the calendar: no schema tells that.
[[operations]]
include-path-regex = "/admin/v1/"
checks.positive_data_acceptance.enabled = false

# An unknown header is held to be a mistake. This is the one endpoint that needs no model, so nothing else is.
[[operations]]
include-path = "/v1/moderations"
checks.negative_data_rejection.enabled = false
"""


def contract() -> Outcome:
    """Requests made up from the document, good and bad: the answers must be as it says, and none a fault of ours."""
    try:
        environment = python_environment(NAME, _LOCK)
    except NotBuilt as reason:
        return Outcome(NAME, "", 0, (f"its environment could not be made: {reason}",))
    programs = environment / "bin"
    failure = ""
    with tempfile.TemporaryDirectory(prefix="tidegate-contract-") as directory, stage(Path(directory)) as scene:
        report = Path(directory) / "report.json"
        (scene.directory / "schemathesis.toml").write_text(
            _SETTINGS.replace("KEY", scene.gateway.key), encoding="utf-8"
        )
        amount = ("--phases", "coverage,fuzzing", "--max-examples", str(_EXAMPLES), "--seed", str(_SEED))
        told = ("--report", "json", "--report-json-path", report, "--continue-on-failure", "--no-color")
        url = f"{scene.gateway.root}/openapi.json"
        try:
            scene.run(
                [programs / "schemathesis", "run", url, *amount, *told],
                path=programs,
                more={"SCHEMATHESIS_HOOKS": _HOOKS},
            )
        except Failed as failed:
            failure = failed.said[-_SHOWN:] or str(failed)
        if not report.exists():
            return Outcome(NAME, "", 0, (failure,))
        found = json.loads(report.read_text(encoding="utf-8"))
    cases = found["test_cases"]
    failures = (failure,) if failure else ()
    return Outcome(NAME, found["schemathesis_version"], cases["generated"] - cases["with_failures"], failures)
