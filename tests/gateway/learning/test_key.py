"""If these fail, captured text is sealed with another key after every start, or with none."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.problems import ConfigurationError
from gateway.learning.key import FILE_NAME, capture_key
from tests.gateway.config.harness import BASE

KEY = "0123456789abcdef" * 2


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tidegate.yaml"
    path.write_text(BASE)
    return path


def test_one_that_is_not_configured_is_made_once_and_nobody_else_may_read_it(file: Path) -> None:
    loaded = load(file, environ={})
    key = capture_key(loaded)
    assert key == capture_key(loaded)
    assert (loaded.state_directory / FILE_NAME).stat().st_mode & 0o077 == 0
    (loaded.state_directory / FILE_NAME).chmod(0o644)
    with pytest.raises(ConfigurationError):
        capture_key(loaded)


def test_a_configured_one_is_taken_and_none_is_made(file: Path) -> None:
    file.write_text(BASE + 'learning: {key: "${LEARNING_KEY}"}\n')
    loaded = load(file, environ={"LEARNING_KEY": KEY})
    assert capture_key(loaded) == KEY
    assert not (loaded.state_directory / FILE_NAME).exists()
