"""If these fail, a soak sees no leak, or one where there is none."""

from __future__ import annotations

import os
import socket
from collections import Counter
from pathlib import Path

import pytest

from bench.soak.files import open_files
from bench.soak.watch import Rest, Sample, growth


def test_growth_is_what_comes_once_a_worker_is_warm() -> None:
    """Kilobytes a minute; the first part of a run does not count."""
    flat = [Sample(60.0 * minute, {1: 1000 if minute < 3 else 90_000}) for minute in range(11)]
    assert growth(flat)[1] == pytest.approx(0.0)
    growing = [Sample(60.0 * minute, {1: 90_000 + 40 * minute, 2: 5}) for minute in range(11)]
    assert growth(growing) == pytest.approx({1: 40.0, 2: 0.0})
    assert growth([]) == {}


def test_a_task_is_left_over_that_is_there_more_than_once_for_each_worker() -> None:
    before = Rest(Counter(), Counter({"serve": 2}), 0)
    once = Rest(Counter(), Counter({"serve": 2, "beat": 2}), 0)
    leak = Rest(Counter(), Counter({"serve": 2, "beat": 2, "carry": 5}), 0)
    assert not once.left_over(before)
    assert leak.left_over(before) == Counter({"carry": 3})


def test_open_files_are_told_apart(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, (tmp_path / "file").open("w"):
        port = server.getsockname()[1]
        before = open_files([os.getpid()], {port: "clients"})
        one, other = socket.socketpair()
        with socket.create_connection(("127.0.0.1", port)), one, other:
            after = open_files([os.getpid()], {port: "clients"})
    assert before["clients"] == 1
    assert after - before >= Counter({"clients": 1, "other sockets": 2})
    assert before["files"] >= 1
