"""The gateway itself fails in the middle of a request, and its errors quote what was asked: nothing is sent on to the
cloud after all, and nothing of it stands in the log or in the answer.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.harness.client import Wire, ask, post
from tests.locality.cases import NOT_AGAIN
from tests.locality.plants import plant
from tests.locality.world import OK, World, everywhere, route_of, started

FAULTY = Path(__file__).with_name("faulty")
WHOLE = ("admit", "decide", "send", "read", "settle")
STREAMED = ("admit", "decide", "send", "stream", "settle")
PLACES = [*((place, False) for place in WHOLE), *((place, True) for place in STREAMED)]
ROUTE = route_of("first", OK, "text")
TOLD = (
    "failed inside the gateway",
    "a thread ended by an error",
    "an error could not be raised",
    "UserWarning at",
    "a line of the log could not be written",
    '"logger":"some.library"',
    '"logger":"asyncio"',
)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with everywhere() as upstreams:
        world = started(
            tmp_path_factory.mktemp("faulty"), upstreams, environment={"PYTHONPATH": str(FAULTY), "TIDEGATE_PURE": "1"}
        )
        try:
            yield world
        finally:
            world.gateway.kill()  # what these faults leave undone need not end well


def told(world: World, body: Mapping[str, Any]) -> bytes:
    """All that a client gets to read, however it ends."""
    with Wire(world.gateway) as wire:
        wire.post(body)
        wire.socket.shutdown(socket.SHUT_WR)
        return wire.read_to_end()


@pytest.mark.parametrize(("place", "stream"), PLACES)
def test_an_error_that_quotes_the_request_tells_nothing(faulty: World, place: str, stream: bool) -> None:
    value = plant("email" if stream else "card", PLACES.index((place, stream))).value
    faulty.haystack.add(value, place)
    before = faulty.cloud.journal.bytes_received
    answer = told(faulty, ask(f"Keep {value} in mind.", ROUTE, stream=stream, fault_at=place))
    assert answer.startswith(b"HTTP/1.1 500") or not answer.endswith(b"0\r\n\r\n")  # an error, or a stream that breaks
    assert not faulty.haystack.found_in(answer)
    assert faulty.cloud.journal.bytes_received == before
    assert post(faulty.gateway, ask("Is it there?", ROUTE), headers=NOT_AGAIN).status_code == 200  # it serves on
    assert faulty.cloud.journal.bytes_received > before


def test_and_it_has_left_no_trace(faulty: World) -> None:
    """Runs last in this file. That each way of telling was tried is seen in the log, which names the errors."""
    for said in TOLD:
        faulty.gateway.wait_for_output(said)
    faulty.assert_nothing_got_out()
    assert "Traceback" not in faulty.gateway.output
    assert "sitecustomize; set PYTHONVERBOSE" not in faulty.gateway.output  # all faults were laid


def test_its_memory_is_not_written_to_a_disk(faulty: World) -> None:
    """A worker that crashes leaves no core file, and no other process does that holds keys or prompts."""
    processes = faulty.gateway.processes()
    assert set(processes) > set(faulty.gateway.workers()) != set()
    for process in processes:
        limits = Path(f"/proc/{process}/limits").read_text()
        (line,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
        assert line.split()[4:6] == ["0", "0"]
