"""If these fail, the table in docs/clients.md tells what nobody saw."""

from __future__ import annotations

from tests.clients.behaviours import BEHAVIOURS
from tests.clients.catalogue import CLIENTS
from tests.clients.matrix import MAKERS, differences, errors_table, matrix
from tests.clients.outcome import Outcome
from tests.clients.snippets import PAGE
from tests.clients.verdict import Sight

SEEN: dict[str, object] = {"text": "", "calls": [], "parsed": None, "logprobs": 0, "error": "APIError", "status": 502}


def test_a_cell_is_what_the_makers_client_saw() -> None:
    sight = Sight("create", "OpenAI chat", False, "500", SEEN, 1, 0.1)
    others = Sight("create", "OpenAI chat", False, "500", {**SEEN, "error": "Other"}, 1, 0.1)
    outcomes = [Outcome("llm", "1", 1, (), (others,)), Outcome(MAKERS["OpenAI chat"], "1", 1, (), (sight,))]
    (row,) = [line for line in matrix(outcomes).splitlines() if line.startswith("| `500` |")]
    assert row.split("|")[2:4] == [" `APIError` 502 ", " – "]


def test_every_behaviour_and_every_client_has_a_row() -> None:
    assert len(matrix([]).splitlines()) == 2 + len(BEHAVIOURS)
    assert len(errors_table().splitlines()) == 2 + len(CLIENTS)


def test_the_page_has_the_errors_as_they_are_judged() -> None:
    assert errors_table() in PAGE.read_text()
    assert differences("something else")
