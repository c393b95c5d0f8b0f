"""The matrix: behaviour × dialect × streaming, and what the client of the dialect's own makers saw of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tests.clients.behaviours import BEHAVIOURS, PLAIN
from tests.clients.catalogue import CLIENTS, Client
from tests.clients.outcome import Outcome
from tests.clients.snippets import PAGE
from tests.clients.verdict import Sight

# Whose client is asked about a dialect: the one that its makers publish.
MAKERS: Final = {
    "OpenAI chat": "openai-python-3",
    "OpenAI completions": "openai-python-3",
    "OpenAI Responses": "openai-python-3",
    "Anthropic Messages": "anthropic-python",
    "Ollama": "ollama-python",
}
NOTHING: Final = "–"
_BEGIN, _END = "<!-- matrix -->\n", "<!-- end of matrix -->\n"


def matrix(outcomes: Iterable[Outcome]) -> str:
    """A table in markdown; a cell is empty where its client was not run, and a dash where there is nothing to ask."""
    ran = {outcome.client: outcome.sights for outcome in outcomes}
    columns = [(dialect, streamed) for dialect in MAKERS for streamed in (False, True)]
    rows = [["behaviour", *(f"{dialect}, {'streamed' if streamed else 'whole'}" for dialect, streamed in columns)]]
    for behaviour in BEHAVIOURS:
        cells = [_cell(ran.get(MAKERS[dialect]), dialect, streamed, behaviour.name) for dialect, streamed in columns]
        rows.append(["plain" if behaviour.name == PLAIN else f"`{behaviour.name}`", *cells])
    return _table(rows)


def errors_table(clients: Sequence[Client] = CLIENTS) -> str:
    """Which classes the clients' users catch."""
    kinds = ("429", "502", "504", "cut")
    heads = ["client", "429", "502 (no deployment could)", "504 (none in time)", "stream cut"]
    return _table([heads, *([f"`{c.name}`", *(f"`{c.errors[kind]}`" for kind in kinds)] for c in clients)])


def tables(outcomes: Iterable[Outcome]) -> str:
    """What docs/clients.md shows."""
    return f"{matrix(outcomes)}\n{errors_table()}"


def differences(text: str) -> bool:
    """Whether the page says something else than `text` between its marks."""
    return _between(PAGE.read_text(encoding="utf-8")) != text


def write(text: str) -> None:
    before, rest = PAGE.read_text(encoding="utf-8").split(_BEGIN, 1)
    PAGE.write_text(f"{before}{_BEGIN}{text}{_END}{rest.split(_END, 1)[1]}", encoding="utf-8")


def _between(page: str) -> str:
    return page.split(_BEGIN, 1)[1].split(_END, 1)[0]


def _cell(sights: Sequence[Sight] | None, dialect: str, streamed: bool, behaviour: str) -> str:
    if sights is None:
        return ""
    saw = (s for s in sights if (s.dialect, s.streamed, s.behaviour) == (dialect, streamed, behaviour))
    first = next(saw, None)
    return NOTHING if first is None else first.in_words


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *rest = [f"| {' | '.join(row)} |\n" for row in rows]
    return "".join([head, "|" + "---|" * len(rows[0]) + "\n", *rest])
