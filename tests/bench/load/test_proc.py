"""What /proc says, read from samples and from processes of the test's own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from bench.load import proc

STAT = "4242 (a (b) c) S 17 4242 4242 0 -1 4194560 900 0 3 0 150 50 20 5 20 0 4 0 987654 1000 200 18446744073709551615"
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31337 1 0000000000000000
   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 31338 1 0000000000000000
   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31339 1 0000000000000000
"""


def test_a_process_name_may_hold_brackets_and_spaces() -> None:
    assert proc.parent(STAT) == 17
    assert proc.started(STAT) == 987654


def test_cpu_counts_user_system_and_children_that_ended() -> None:
    assert proc.spent(STAT) == pytest.approx((150 + 50 + 20 + 5) / os.sysconf("SC_CLK_TCK"))


def test_schedstat_counts_nanoseconds() -> None:
    assert proc.running("2901530000 17 4") == pytest.approx(2.90153)
    assert proc.running("") == 0.0


def test_only_the_proportional_set_size_of_all_is_read() -> None:
    rollup = "55-7f ---p 00000000 00:00 0  [rollup]\nRss:    1804 kB\nPss:     230 kB\nPss_Anon:   99 kB\n"
    assert proc.pss_kib(rollup) == 230
    assert proc.pss_kib("") == 0


def test_the_machine_is_busy_with_all_but_idling_and_waiting() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    text = f"cpu  {ticks} {ticks} {ticks} {50 * ticks} {40 * ticks} 0 0 {ticks} 0 0\ncpu0 1 2 3\n"
    assert proc.busy_seconds(text) == pytest.approx(4.0)


def test_only_listening_sockets_of_the_port_are_found() -> None:
    assert proc.listening_inodes(TCP, 8080) == {"31337"}
    assert proc.listening_inodes(TCP, 8082) == set()


def test_a_tree_holds_grandchildren_and_no_neighbours() -> None:
    assert sorted(proc.descendants({2: 1, 3: 2, 4: 3, 5: 1, 6: 5}, 2)) == [2, 3, 4]


def test_cpu_of_a_child_that_worked_is_counted() -> None:
    before = proc.cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    assert proc.cpu_seconds(os.getpid()) > before


def test_memory_of_this_process_is_seen() -> None:
    assert proc.pss_mb(os.getpid()) > 5
    assert proc.machine_busy() > 0
    assert proc.model_name()


def test_a_port_belongs_to_the_process_that_listens_on_it() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
        assert not proc.owns(os.getpid(), port)
        listener.listen()
        assert proc.owns(os.getpid(), port)
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as neighbour:
            assert not proc.owns(neighbour.pid, port)
            neighbour.communicate(b"\n")


def test_a_process_that_is_gone_counts_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert proc.cpu_seconds(gone.pid) == 0.0
    assert proc.pss_mb(gone.pid) == 0.0
