"""A model's server whose replies have bytes changed, lost, doubled or added: whatever they are, the gateway stands.

What is invalid within a single event of OpenAI's own format is let through as it came (docs/streaming.md); all else a
client can read, or is told of.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.harness.asking import Said, open_session, say
from tests.harness.client import ask, post, text_of
from tests.harness.configs import CLOUD_PRICE, deployment
from tests.harness.dialects import CHAT, COMPLETIONS, DIALECTS, Dialect, Heard
from tests.harness.gateway import Gateway
from tests.harness.ledger import rows
from tests.harness.wait import until
from tests.servers.upstream import Upstreams

COUNT: Final = 720
AT_ONCE: Final = 24
PATIENCE: Final = 1.5  # seconds, and four in all
LONGEST: Final = 20.0  # seconds for any answer, however busy the machine
RELAYED: Final = (CHAT, COMPLETIONS)  # as bytes
DONE: Final = b"data: [DONE]\n\n"
Case = tuple[int, Dialect, bool]
CASES: Final[list[Case]] = [(number, DIALECTS[number % 6], bool(number // 6 % 2)) for number in range(COUNT)]


def configuration(upstreams: Upstreams) -> str:
    timeouts = {"connect": PATIENCE, "first_token": PATIENCE, "between_chunks": PATIENCE, "total": 4}
    price = {"tokens": CLOUD_PRICE}
    settings = {
        "deployments": {
            "garbled": deployment(upstreams.cloud, "cloud", "mutated:1", timeouts=timeouts, price=price),
            "good": deployment(upstreams.cloud, "cloud", price=price),
        },
        "routes": {"garbled": {"large": ["garbled"]}, "good": {"large": ["good"]}},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
        "ledger": {"url": "sqlite:///tidegate.db"},
    }
    return json.dumps(settings)


async def asked(gateway: Gateway) -> list[Said]:
    turn = asyncio.Semaphore(AT_ONCE)
    async with open_session(LONGEST) as session:

        async def one(case: Case) -> Said:
            number, dialect, streamed = case
            body = dialect.body("garbled", f"What is the capital of country {number}?", streamed=streamed)
            async with turn:
                return await say(session, gateway, dialect.path, body)

        return await asyncio.gather(*map(one, CASES))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("garbled")


@pytest.fixture
def own_gateway(upstreams: Upstreams, directory: Path) -> Iterator[Gateway]:
    with Gateway(directory, configuration(upstreams)) as gateway:
        yield gateway


def test_whatever_comes_a_client_is_told(own_gateway: Gateway) -> None:
    answers = asyncio.run(asked(own_gateway))
    wrong = [
        f"{case[1].name} {case[2]} {case[0]}: {bad}"
        for case, said in zip(CASES, answers, strict=True)
        if (bad := amiss(case, said))
    ]
    assert not wrong
    seen = Counter(said.status for said in answers)
    assert seen[200] > COUNT / 20
    assert seen[502] > COUNT / 20
    once_in_the_ledger(own_gateway, answers)
    assert "Traceback" not in own_gateway.output
    assert " ERROR " not in own_gateway.output
    assert text_of(post(own_gateway, ask("And now?", "good"))).startswith("cloud-model says")


def amiss(case: Case, said: Said) -> str:
    _, dialect, streamed = case
    if said.broken:
        return f"broken off: {said.broken}"
    if said.status not in (200, 502, 504):
        return f"status {said.status}"
    heard, unread = said.read(dialect, streamed=streamed)
    if unread and not (streamed and said.status == 200 and dialect in RELAYED and says_its_end(said)):
        return unread
    return "" if unread or has_end(heard) else "no end"


def has_end(heard: Heard) -> bool:
    return heard.ended != bool(heard.error)


def says_its_end(said: Said) -> bool:
    """As an answer ends, or with an error."""
    return said.data.endswith(DONE) or said.data.rpartition(b"data: ")[2].startswith(b'{"error":')


def once_in_the_ledger(gateway: Gateway, answers: list[Said]) -> None:
    ids = {said.request_id for said in answers}
    assert len(ids) == COUNT
    until("every request in the ledger", lambda: ids <= {row["request_id"] for row in rows(gateway)}, 20)
    times = Counter(row["request_id"] for row in rows(gateway))
    assert [count for request_id, count in times.items() if request_id in ids and count != 1] == []
