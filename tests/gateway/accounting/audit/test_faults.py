"""What a fault says is what the compliance officer reads."""

from __future__ import annotations

from gateway.accounting.audit.faults import Fault


def test_it_says_where_and_what() -> None:
    assert str(Fault("chain w0@x", 7, "was changed")) == "chain w0@x 7: was changed"
    assert str(Fault("replica x", 0, "is missing")) == "replica x: is missing"
