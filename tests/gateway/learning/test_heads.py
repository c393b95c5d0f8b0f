"""A user loses: the head that serves, because a change of heads was cut short; or the way back to the one before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.config.heads import champion_of
from gateway.learning.heads import KEPT, Heads, HeadsError, Reign, all_heads, heads_of, stamp
from router.difficulty.model import SHIPPED

# One process makes a change and is killed at its Nth step on the disk, for every N that there is.
KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.learning.heads import Heads

steps = int(sys.argv[3])

def dying(name, args):
    global steps
    if name in ("os.rename", "os.mkdir", "os.rmdir", "os.remove", "open", "shutil.rmtree", "shutil.copytree"):
        if name == "open" and not str(args[0]).startswith(sys.argv[1]):
            return
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)

heads = Heads(Path(sys.argv[1]))
sys.addaudithook(dying)
with heads.changing():
    if sys.argv[2] == "promote":
        heads.promote(50.0)
    else:
        heads.rollback(50.0)
"""


def put(directory: Path, name: str) -> None:
    """A head as an artifact is on the disk; what stands in it is not looked at here."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "arrays.npz").write_text(name)
    (directory / "card.json").write_text(f'{{"sha256": "{name}"}}')


def learned(heads: Heads, name: str, now: float) -> None:
    with heads.changing():
        put(heads.draft(), name)
        heads.on_trial()
        heads.promote(now)


def serving(heads: Heads) -> str:
    """What the gateway would read."""
    path = champion_of(heads.directory.parents[1], heads.directory.name)
    assert path == heads.champion()
    if path is None:
        return "shipped"
    name = (path / "arrays.npz").read_text()
    assert (path / "card.json").read_text() == f'{{"sha256": "{name}"}}'
    return name


@pytest.fixture
def heads(tmp_path: Path) -> Heads:
    return heads_of(tmp_path, "small")


def test_nothing_serves_where_nothing_was_learned(heads: Heads) -> None:
    assert serving(heads) == "shipped"
    assert heads.all() == []
    assert heads.reigns() == []


def test_a_challenger_serves_once_it_is_promoted(heads: Heads) -> None:
    with heads.changing():
        put(heads.draft(), "first")
        heads.on_trial()
    assert serving(heads) == "shipped"
    assert [head.role for head in heads.all()] == ["challenger"]
    with heads.changing():
        heads.promote(10.0)
    assert serving(heads) == "first"
    assert heads.challenger() is None


def test_rollback_goes_back_step_by_step_to_the_shipped_one(heads: Heads) -> None:
    for number, name in enumerate(("first", "second", "third")):
        learned(heads, name, 10.0 + number)
    served = [serving(heads)]
    for now in (20.0, 21.0, 22.0):
        with heads.changing():
            heads.rollback(now)
        served.append(serving(heads))
    assert served == ["third", "second", "first", "shipped"]
    with heads.changing(), pytest.raises(HeadsError, match="nothing to roll back"):
        heads.rollback(23.0)


def test_reigns_tell_who_served_when(heads: Heads) -> None:
    learned(heads, "first", 10.0)
    learned(heads, "second", 20.0)
    with heads.changing():
        heads.rollback(30.0)
    assert heads.reigns() == [Reign(10.0, "first"), Reign(20.0, "second"), Reign(30.0, "first")]
    with heads.changing():
        heads.rollback(40.0)
    assert heads.reigns()[-1] == Reign(40.0, "")


def test_only_some_heads_are_kept(heads: Heads) -> None:
    for number in range(KEPT + 4):
        learned(heads, f"head-{number}", float(number))
    roles = [head.role for head in heads.all()]
    assert roles[0] == "champion"
    assert len(roles) == KEPT + 1
    assert [head.checksum for head in heads.all()][1] == f"head-{KEPT + 2}"


def test_two_changes_at_once_are_refused(heads: Heads) -> None:
    with heads.changing(), pytest.raises(HeadsError, match="another process"), Heads(heads.directory).changing():
        pass


def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "heads").write_text("no directory")
    with pytest.raises(HeadsError, match="heads"), heads_of(tmp_path, "small").changing():
        pass


def test_the_stamp_changes_with_what_serves_and_with_what_is_on_trial(heads: Heads, tmp_path: Path) -> None:
    seen = [stamp(tmp_path)]
    learned(heads, "first", 10.0)
    seen.append(stamp(tmp_path))
    with heads.changing():
        put(heads.draft(), "second")
        heads.on_trial()
    seen.append(stamp(tmp_path))
    with heads.changing():
        heads.promote(20.0)
    seen.append(stamp(tmp_path))
    with heads.changing():
        heads.rollback(30.0)
    seen.append(stamp(tmp_path))
    assert len({str(each) for each in seen}) == len(seen)
    assert stamp(tmp_path) == seen[-1]
    assert set(all_heads(tmp_path)) == {"small"}


@pytest.mark.parametrize(
    ("change", "learned_before", "before", "after"),
    [
        ("promote", 0, "shipped", "fresh"),
        ("promote", 1, "head-0", "fresh"),
        ("rollback", 1, "head-0", "shipped"),
        ("rollback", 2, "head-1", "head-0"),
    ],
)
def test_a_kill_at_any_step_leaves_the_one_before_or_the_one_wanted(
    tmp_path: Path, change: str, learned_before: int, before: str, after: str
) -> None:
    prepared = heads_of(tmp_path / "prepared", "small")
    for number in range(learned_before):
        learned(prepared, f"head-{number}", float(number))
    if change == "promote":
        with prepared.changing():
            put(prepared.draft(), "fresh")
            prepared.on_trial()
    found = []
    for steps in range(200):
        heads = heads_of(tmp_path / f"killed-{steps}", "small")
        shutil.copytree(prepared.directory, heads.directory)
        command = [sys.executable, "-P", "-c", KILLED, str(heads.directory), change, str(steps)]
        done = subprocess.run(command, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())}, check=False)
        name = serving(heads)
        found.append(name)
        served_last = heads.reigns()[-1].head if heads.reigns() else ""
        assert served_last == ("" if name == "shipped" else name)
        with heads.changing():
            assert serving(heads) == name
        learned(heads, "next-one", 100.0)  # nothing that was left lying is in the way
        assert serving(heads) == "next-one"
        with heads.changing():
            heads.rollback(101.0)
        assert serving(heads) == name
        if done.returncode == 0:
            break
    assert set(found) == {before, after}
    assert found.index(after) > 0
    assert found == sorted(found, key=[before, after].index)


def test_an_artifact_is_found_as_it_was_written(heads: Heads) -> None:
    with heads.changing():
        shutil.copytree(SHIPPED, heads.draft(), dirs_exist_ok=True)
        heads.on_trial()
        heads.promote(1.0)
    (head,) = heads.all()
    assert head.checksum
    assert head.card["format"] == "tidegate-difficulty"
