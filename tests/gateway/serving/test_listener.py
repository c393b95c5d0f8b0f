"""If these fail, the gateway listens where nobody looks for it, or closes a door that is not its own."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys

import pytest

from gateway.config.settings import Server
from gateway.serving.listener import bind, give_way, handed_over, listening
from gateway.serving.refusal import CannotStart

# As systemd does it: the socket is the first descriptor after the three that everybody has.
STARTED_WITH = """
import os, socket, sys
listener = socket.socket(fileno=int(sys.argv[1]))
os.dup2(listener.fileno(), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=sys.argv[2])
from gateway.config.settings import Server
from gateway.serving.listener import listening
from gateway.serving.refusal import CannotStart
try:
    print(listening(Server(port=1)).getsockname()[1], os.environ.get("LISTEN_FDS", "none"))
except CannotStart as error:
    print(error)
"""


def test_a_port_that_is_taken_is_said_with_a_remedy() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(CannotStart, match="--port"):
            bind("127.0.0.1", other.getsockname()[1])


def test_an_address_that_is_none_is_said() -> None:
    with pytest.raises(CannotStart, match="cannot listen"):
        bind("256.0.0.1", 0)


def test_two_share_a_port_only_where_both_want_it() -> None:
    with bind("127.0.0.1", 0, shared=True) as first:
        port = first.getsockname()[1]
        with bind("127.0.0.1", port, shared=True) as second:
            assert second.getsockname()[1] == port
        with pytest.raises(CannotStart):
            bind("127.0.0.1", port)


def connected_to(port: int, doors: list[socket.socket]) -> int:
    """Which of the doors a new connection stands at."""
    with socket.create_connection(("127.0.0.1", port)):
        (ready, _, _) = select.select(doors, [], [], 5)
        ready[0].accept()[0].close()
        return doors.index(ready[0])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel deals them out")
def test_who_gives_way_is_sent_nobody_and_until_then_nobody_else_is() -> None:
    """Who is let in at a door that then closes is thrown out."""
    with bind("127.0.0.1", 0, shared=True) as old:
        port = old.getsockname()[1]
        with bind("127.0.0.1", port, shared=True) as new:
            assert {connected_to(port, [old, new]) for _ in range(30)} == {0}
            give_way(old)
            assert {connected_to(port, [old, new]) for _ in range(30)} == {1}
            old.close()
            assert {connected_to(port, [new]) for _ in range(30)} == {0}
            with bind("127.0.0.1", port, shared=True) as newer:
                assert {connected_to(port, [new, newer]) for _ in range(30)} == {0}
                new.close()
                assert {connected_to(port, [newer]) for _ in range(30)} == {0}


def started_with(handed: socket.socket, count: str = "1") -> str:
    return subprocess.run(
        [sys.executable, "-c", STARTED_WITH, str(handed.fileno()), count],
        capture_output=True, text=True, check=True, timeout=60, pass_fds=(handed.fileno(),),
    ).stdout.strip()  # fmt: skip


def test_a_socket_that_is_handed_over_is_the_one_and_children_hear_nothing_of_it() -> None:
    with bind("127.0.0.1", 0) as handed:
        assert started_with(handed) == f"{handed.getsockname()[1]} none"


def test_what_is_handed_over_and_is_of_no_use_is_said() -> None:
    with bind("127.0.0.1", 0) as handed, socket.socket() as deaf:
        assert "one socket is needed" in started_with(handed, "2")
        assert "ListenStream=" in started_with(deaf)


def test_what_was_handed_to_another_process_is_left_alone() -> None:
    environ = {"LISTEN_PID": str(os.getpid() + 1), "LISTEN_FDS": "1"}
    assert handed_over(environ) is None
    with listening(Server(host="127.0.0.1", port=0), {}) as own:
        assert own.getsockname()[0] == "127.0.0.1"
