"""The key that seals: the same at every start, or what was stored before is lost."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gateway.config.problems import ConfigurationError
from gateway.conversations.key import FILE_NAME, sealing_key


def test_it_is_made_once_kept_and_for_its_owner_only(tmp_path: Path) -> None:
    key = sealing_key(tmp_path / "state")
    assert len(bytes.fromhex(key)) == 32
    assert sealing_key(tmp_path / "state") == key
    assert sealing_key(tmp_path / "other") != key
    assert stat.S_IMODE((tmp_path / "state" / FILE_NAME).stat().st_mode) == 0o600


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    key = sealing_key(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o644)
    with pytest.raises(ConfigurationError, match="others may read or change it") as caught:
        sealing_key(tmp_path)
    assert key not in str(caught.value)


def test_a_file_that_holds_less_than_a_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.touch(mode=0o600)
    file.write_text("abc")
    with pytest.raises(ConfigurationError, match="holds no key"):
        sealing_key(tmp_path)
