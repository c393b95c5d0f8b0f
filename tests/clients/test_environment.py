"""If these fail, a client that could not be installed looks like one that passed, or an old one is tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients import environment
from tests.clients.environment import NotBuilt, python_environment


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environment, "HOME", tmp_path / "environments")
    return tmp_path


def test_it_is_made_once_for_each_lock(here: Path) -> None:
    lock = here / "none.txt"
    lock.write_text("# nothing\n")
    made = python_environment("none", lock)
    mark = made / "mark"
    mark.touch()
    assert python_environment("none", lock) == made
    assert mark.exists()
    lock.write_text("# nothing else\n")
    assert python_environment("none", lock) == made
    assert not mark.exists()


def test_a_lock_that_cannot_be_installed_says_why_and_is_tried_again(here: Path) -> None:
    lock = here / "wrong.txt"
    lock.write_text("tidegate-has-no-such-package @ file:///nowhere/at/all-1.0-py3-none-any.whl\n")
    for _ in range(2):
        with pytest.raises(NotBuilt, match="uv ended with status"):
            python_environment("wrong", lock)
