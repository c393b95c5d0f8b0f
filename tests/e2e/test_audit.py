"""If these fail, content went somewhere and nothing can prove where, or the proof can be forged."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import count
from typing import Any

from tests.harness.client import Conversation, ask, post, read_stream
from tests.harness.configs import standard
from tests.harness.gateway import Gateway
from tests.harness.prompts import CARD, EASY, HARD_PROOF
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.postgres import PostgresServer
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer


def exported(gateway: Gateway) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gateway.run("audit", "export").splitlines()]


SEEDS = count()
IBAN = "DE89 3704 0044 0532 0130 00"
MAIL = "jeanne.moulin@example.org"


def traffic(gateway: Gateway) -> dict[str, list[tuple[str, str, str]]]:
    """Requests of all kinds; for each its records: outcome, clearance, zone."""
    expected: dict[str, list[tuple[str, str, str]]] = {}

    def asked(body: dict[str, Any], *records: tuple[str, str, str], **more: Any) -> None:
        answer = post(gateway, {**body, "seed": next(SEEDS)}, **more)  # none is answered from the cache
        if body.get("stream") and answer.status_code == 200:
            read_stream(answer).assert_clean()
        expected[answer.headers["x-request-id"]] = list(records)

    asked(ask(EASY), ("sent", "any", "local"))
    asked(ask(EASY, stream=True), ("sent", "any", "local"))
    asked(ask(HARD_PROOF, "cloud"), ("sent", "any", "cloud"))
    asked(ask(CARD, "cloud"), ("sent", "local", "local"))
    asked(ask(CARD, "cloud", stream=True), ("sent", "local", "local"))
    asked(ask(CARD, "only-cloud"), ("no_deployment", "local", ""))
    asked(ask(CARD, "only-cloud", stream=True), ("no_deployment", "local", ""))
    asked(ask(HARD_PROOF, "cloud"), ("sent", "local", "local"), headers={"x-tidegate-locality": "local"})
    asked(ask(f"Can I pay to {IBAN}?", "cloud"), ("blocked", "none", ""))
    asked(ask(f"Write to {MAIL} that the meeting is at noon", "cloud"), ("sent", "masked", "cloud"))
    asked(ask(EASY, "nowhere"))
    return expected


def config_of(upstreams: Upstreams, ledger: str = "") -> str:
    text = standard(upstreams.local, upstreams.cloud)
    text += "policy: {rules: [{types: [IBAN], action: block}, {types: [EMAIL], action: mask}]}\n"
    text = text.replace("routes:\n", "routes:\n  only-cloud: {large: [large]}\n")
    if ledger:
        text = text.replace("sqlite:///tidegate.db", ledger)
    return text


def check_records(gateway: Gateway, expected: dict[str, list[tuple[str, str, str]]]) -> None:
    rows = exported(gateway)
    for request_id, records in expected.items():
        own = [row for row in rows if row["request_id"] == request_id]
        assert [(row["outcome"], row["clearance"], row["zone"]) for row in own] == records, request_id
    text = json.dumps(rows)
    for secret in ("4970 1000", "4970100000000154", IBAN, MAIL, "carte", "France", "Sylow", gateway.key):
        assert secret not in text


def test_every_decision_has_its_record_and_a_change_is_found(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(config_of(upstreams))
    expected = traffic(gateway)
    check_records(gateway, expected)
    intact = gateway.ended("audit", "verify")
    assert (intact.returncode, intact.stderr) == (0, "")
    gateway.stop()
    assert gateway.ended("audit", "verify").returncode == 0
    with closing(sqlite3.connect(gateway.ledger)) as connection, connection:
        changed = connection.execute(
            "UPDATE audit_blocks SET lines = replace(lines, 'cloud-model', 'local-model')"
            " WHERE lines LIKE '%cloud-model%'"
        )
        assert changed.rowcount >= 1
    found = gateway.ended("audit", "verify")
    assert found.returncode == 1
    assert "was changed" in found.stdout


def test_a_hit_and_a_stream_under_way_are_there_too(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(config_of(upstreams))
    body = ask(EASY, seed=4711)
    post(gateway, body)
    hits: list[str] = []

    def look() -> bool:
        answer = post(gateway, body)
        hits.extend([answer.headers["x-request-id"]] if answer.headers["x-tidegate-cache"] == "hit" else [])
        return bool(hits)

    until("a hit", look)
    upstreams.cloud.next("cut:4:clean:gate")
    with Conversation(gateway, ask(HARD_PROOF, "only-cloud", stream=True)) as conversation:
        conversation.read_until("read ")
        under_way = [row for row in exported(gateway) if row["route"] == "only-cloud"]
    upstreams.cloud.release()
    assert [(row["outcome"], row["zone"]) for row in under_way] == [("sent", "cloud")]
    (hit,) = [row for row in exported(gateway) if row["request_id"] == hits[0]]
    assert (hit["outcome"], hit["deployment"]) == ("hit", "")


def test_what_was_sent_is_there_after_a_kill(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(config_of(upstreams))
    expected = traffic(gateway)
    gateway.kill()
    gateway.start()
    expected |= traffic(gateway)
    check_records(gateway, expected)
    assert gateway.ended("audit", "verify").returncode == 0


def test_workers_on_postgresql(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer, postgres: PostgresServer
) -> None:
    url = postgres.database()
    gateway = start_gateway(config_of(upstreams, url), workers=2, environment={"REDIS_URL": valkey.url})
    expected: dict[str, list[tuple[str, str, str]]] = {}
    for _ in range(3):
        expected |= traffic(gateway)
    check_records(gateway, expected)
    assert gateway.ended("audit", "verify").returncode == 0
    gateway.stop()
    database = url.rpartition("/")[2]
    with closing(postgres.connect(database)) as connection:
        blocks = [lines.split("\n") for (lines,) in connection.run("SELECT lines FROM audit_blocks")]
        assert sum(map(len, blocks)) == sum(map(len, expected.values()))
        connection.run("DELETE FROM audit_blocks WHERE ctid = (SELECT ctid FROM audit_blocks LIMIT 1)")
    found = gateway.ended("audit", "verify")
    assert found.returncode == 1
    assert "missing" in found.stdout
