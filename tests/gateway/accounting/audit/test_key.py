"""If these fail, the audit is signed with another key after every start."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.accounting.audit.key import FILE_NAME, signing_key
from gateway.config.load import load
from gateway.config.problems import ConfigurationError
from tests.gateway.config.harness import BASE

KEY = "0123456789abcdef" * 2


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tidegate.yaml"
    path.write_text(BASE)
    return path


def test_one_that_is_not_configured_is_made_once_and_nobody_else_may_read_it(file: Path) -> None:
    loaded = load(file, environ={})
    key = signing_key(loaded)
    assert key == signing_key(loaded)
    assert (loaded.state_directory / FILE_NAME).stat().st_mode & 0o077 == 0
    (loaded.state_directory / FILE_NAME).chmod(0o644)
    with pytest.raises(ConfigurationError):
        signing_key(loaded)


def test_a_configured_one_is_taken_and_none_is_made(file: Path) -> None:
    file.write_text(BASE + 'audit: {key: "${AUDIT_KEY}"}\n')
    loaded = load(file, environ={"AUDIT_KEY": KEY})
    assert signing_key(loaded) == KEY
    assert not (loaded.state_directory / FILE_NAME).exists()
