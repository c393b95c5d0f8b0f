"""A model that takes more threads than there are processors for it answers ten times slower."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gateway.serving.processors import model_threads

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells")


class Machine:
    """The files in which a machine tells about itself."""

    def __init__(self, root: Path) -> None:
        self.proc, self.sys = root / "proc", root / "sys"
        self.proc.mkdir()
        self.group("", "max 100000")
        self.own_group("/")

    def own_group(self, path: str) -> None:
        (self.proc / "cgroup").write_text(f"1:name=systemd:/old\n0::{path}\n")

    def group(self, path: str, limit: str) -> None:
        directory = self.sys / "fs/cgroup" / path
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "cpu.max").write_text(f"{limit}\n")

    def cores(self, *siblings: str) -> None:
        for number, names in enumerate(siblings):
            topology = self.sys / f"devices/system/cpu/cpu{number}/topology"
            topology.mkdir(parents=True)
            (topology / "thread_siblings_list").write_text(f"{names}\n")

    @property
    def threads(self) -> int:
        return model_threads(proc=self.proc, sys_=self.sys)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))
    return Machine(tmp_path)


def test_one_processor_is_left_to_the_gateway(machine: Machine) -> None:
    assert machine.threads == 15


def test_there_is_always_one(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
    assert machine.threads == 1


def test_hyper_threads_count_once(machine: Machine) -> None:
    machine.cores("0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7")
    assert machine.threads == 4


def test_a_container_is_held_to_its_limit(machine: Machine) -> None:
    machine.group("", "400000 100000")
    assert machine.threads == 3


def test_less_than_a_processor_is_one_thread(machine: Machine) -> None:
    machine.group("", "50000 100000")
    assert machine.threads == 1


def test_the_tightest_of_all_groups_around_holds(machine: Machine) -> None:
    machine.own_group("/a/b/c")
    machine.group("a", "300000 100000")
    machine.group("a/b", "max 100000")
    machine.group("a/b/c", "800000 100000")
    machine.group("other", "100000 100000")
    assert machine.threads == 2


def test_a_machine_that_tells_nothing(tmp_path: Path) -> None:
    assert model_threads(proc=tmp_path, sys_=tmp_path) == max(1, len(os.sched_getaffinity(0)) - 1)
