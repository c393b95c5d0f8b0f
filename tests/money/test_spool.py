"""A ledger that is away costs nobody an answer, unless the operator would rather have none that is not in the books."""

from __future__ import annotations

import json

import openai
import pytest

from tests.harness.client import ask, error_of, post, sdk
from tests.harness.configs import deployment
from tests.harness.gateway import Gateway
from tests.harness.ledger import rows_on
from tests.harness.prompts import EASY
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.postgres import PostgresServer
from tests.servers.upstream import Upstreams

LEAST = 33_554_432  # bytes


def config(upstreams: Upstreams, ledger: str, **books: object) -> str:
    return json.dumps(
        {
            "deployments": {"large": deployment(upstreams.cloud, "cloud")},
            "routes": {"auto": {"large": ["large"]}},
            "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
            "ledger": {"url": ledger, **books},
        }
    )


def fill(gateway: Gateway) -> None:
    """As a worker of long ago would have left it, but for its lines."""
    file = gateway.directory / ".tidegate" / "journal" / "w9.1.host.1.000001.journal"
    with file.open("wb") as opened:
        opened.truncate(LEAST)


def empty(gateway: Gateway) -> None:
    (gateway.directory / ".tidegate" / "journal" / "w9.1.host.1.000001.journal").unlink()


def test_while_it_is_away_answers_go_on_and_are_booked_once_it_is_back(
    start_gateway: StartGateway, upstreams: Upstreams, own_postgres: PostgresServer
) -> None:
    url = own_postgres.database()
    gateway = start_gateway(config(upstreams, url))
    given = [post(gateway, ask(EASY)).headers["x-request-id"]]
    own_postgres.stop()
    for number in range(20):
        answer = post(gateway, ask(f"{EASY} {number}", stream=number % 2 == 0))
        assert answer.status_code == 200
        given.append(answer.headers["x-request-id"])
    own_postgres.start()
    gateway.stop()
    assert [row["request_id"] for row in rows_on(url)] == given


def test_where_the_operator_wants_it_nothing_is_sent_that_could_not_be_booked(
    start_gateway: StartGateway, upstreams: Upstreams, own_postgres: PostgresServer
) -> None:
    url = own_postgres.database()
    gateway = start_gateway(config(upstreams, url, when_full="refuse", spool_max_bytes=LEAST))
    given = [post(gateway, ask(EASY)).headers["x-request-id"]]
    own_postgres.stop()
    given.append(post(gateway, ask(EASY)).headers["x-request-id"])
    fill(gateway)
    until("requests to be refused", lambda: is_refused(gateway))
    asked = len(upstreams.cloud.journal.exchanges)
    for stream in (False, True):
        refusal = post(gateway, ask(EASY, stream=stream))
        assert (refusal.status_code, error_of(refusal)["code"]) == (503, "ledger_unavailable")
    with sdk(gateway) as client, pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(**ask(EASY))
    assert caught.value.code == "ledger_unavailable"
    assert len(upstreams.cloud.journal.exchanges) == asked
    gateway.wait_for_output("requests are refused")
    assert gateway.output.count("requests are refused") == 1  # and not a line for each
    empty(gateway)
    until("requests to be served", lambda: not is_refused(gateway))
    own_postgres.start()
    gateway.stop()
    rows = rows_on(url)
    assert [row["request_id"] for row in rows][:2] == given
    assert len(rows) == len(upstreams.cloud.journal.exchanges)


def is_refused(gateway: Gateway) -> bool:
    return post(gateway, ask(EASY)).status_code == 503
