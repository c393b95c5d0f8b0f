"""If these fail, an anchor can be changed without a trace."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from gateway.accounting.audit.anchor import COLUMNS, Statement, anchor_of, made, row_of
from gateway.accounting.audit.signer import Signer, is_signed
from gateway.accounting.audit.tables import ANCHORS
from gateway.accounting.ledger import Ledger
from tests.gateway.accounting.samples import NOON

SAID = Statement("ab" * 6, 1, NOON + 0.1, "records", "w0@x", 1, 2, NOON / 3, 0.1 + 0.2, "h", "p", "")


@pytest.mark.parametrize("field", Statement._fields)
def test_every_field_is_in_the_hash(field: str) -> None:
    value: Any = getattr(SAID, field)
    changed: Any = {field: value + "x" if isinstance(value, str) else value + 1}
    other = SAID._replace(**changed)
    assert other.hash != SAID.hash


def test_it_is_signed_with_the_key_that_it_names() -> None:
    signer = Signer.of("one")
    anchor = made(SAID, signer)
    assert anchor.statement.key == signer.public
    assert anchor.hash == anchor.statement.hash
    assert is_signed(anchor.hash, anchor.signature, signer.public)
    assert made(SAID, None).signature == ""


def test_the_database_gives_back_what_was_put_in(ledger: Ledger) -> None:
    """To the last bit, or the hash is another."""
    anchor = made(SAID, Signer.of("one"))
    with ledger._database.writing() as connection:
        connection.execute(ANCHORS.insert(), row_of(anchor))
    with ledger.reading() as connection:
        found = anchor_of(connection.execute(select(*COLUMNS)).one())
    assert found == anchor
    assert found.statement.hash == anchor.hash
