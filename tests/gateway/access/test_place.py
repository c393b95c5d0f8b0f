"""If these fail, keys are looked for where they are not kept, or each start makes another secret."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gateway.access.place import access_secret, access_url, is_missing
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from tests.gateway.config.harness import BASE, loaded


def configured(directory: Path, more: str = "") -> Loaded:
    return loaded(f"{BASE}state: {directory}/state\n{more}", {"POSTGRES": "postgres://u:p@h/d", "SECRET": "s" * 40})


def test_keys_stand_beside_the_ledger_or_in_a_file_of_their_own(tmp_path: Path) -> None:
    assert access_url(configured(tmp_path)) == f"sqlite:///{tmp_path}/state/access.db"
    assert access_url(configured(tmp_path, 'ledger: {url: "${POSTGRES}"}\n')) == "postgresql://u:p@h/d"


def test_a_file_that_is_not_there_is_missing_and_a_server_never(tmp_path: Path) -> None:
    url = access_url(configured(tmp_path))
    assert is_missing(url)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "access.db").touch()
    assert not is_missing(url)
    assert not is_missing("postgresql://u:p@h/d")


def test_the_secret_is_the_configured_one_or_one_that_is_made_once(tmp_path: Path) -> None:
    assert access_secret(configured(tmp_path, 'access: {secret: "${SECRET}"}\n')) == "s" * 40
    assert not (tmp_path / "state").exists()
    made = access_secret(configured(tmp_path))
    assert access_secret(configured(tmp_path)) == made
    file = tmp_path / "state" / "access.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="others may read"):
        access_secret(configured(tmp_path))
