"""If these fail, a program in docs/clients.md is run for nobody, or a client has none."""

from __future__ import annotations

import re

import pytest

from tests.clients.catalogue import CLIENTS
from tests.clients.snippets import ADDRESS, KEY, LANGUAGES, PAGE, snippets, snippets_of


def test_every_client_has_one() -> None:
    assert [client.name for client in CLIENTS if not snippets_of(client)] == []


def test_every_program_is_some_clients() -> None:
    assert {snippet.section for snippet in snippets()} == {client.name for client in CLIENTS}


def test_every_block_is_run_unless_it_is_no_program() -> None:
    """`text` blocks are shown only."""
    assert set(re.findall(r"^```(\w+)$", PAGE.read_text(), re.MULTILINE)) <= {*LANGUAGES, "text"}


@pytest.mark.parametrize("snippet", snippets(), ids=lambda snippet: f"{snippet.section}-{snippet.line}")
def test_its_address_and_key_are_those_that_are_replaced(snippet: object) -> None:
    assert hasattr(snippet, "text")
    assert ADDRESS in snippet.text
    assert KEY in snippet.text
