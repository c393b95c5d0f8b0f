"""The generated key: the same at every start, and nobody else's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gateway.access.generated import FILE_NAME, generated_key
from gateway.config.problems import ConfigurationError


def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    state = tmp_path / "a" / "state"
    key = generated_key(state)
    assert key.startswith("tg-")
    assert generated_key(state) == key
    assert generated_key(tmp_path / "b") != key


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    before = os.umask(0)
    try:
        generated_key(state)
    finally:
        os.umask(before)
    assert stat.S_IMODE((state / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    key = generated_key(tmp_path)
    (tmp_path / FILE_NAME).chmod(mode)
    with pytest.raises(ConfigurationError, match=f"others may read or change it .mode 0{mode:o}.; chmod 600") as caught:
        generated_key(tmp_path)
    assert key not in str(caught.value)


@pytest.mark.parametrize("content", ["", "\n", "tg-", "secret", "tg-abc def", "tg-" + "a" * 31, "tg-" + "a" * 300])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / FILE_NAME
    file.touch(mode=0o600)
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=r"holds no key; delete it"):
        generated_key(tmp_path)
    assert file.read_text() == content


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch(mode=0o600)
    state = tmp_path / "state"
    state.mkdir()
    (state / FILE_NAME).symlink_to(elsewhere)
    with pytest.raises(ConfigurationError, match=r"cannot be used"):
        generated_key(state)
    assert elsewhere.read_text() == ""


def test_a_state_directory_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(ConfigurationError, match=r"generated.key: cannot be used: .*; check `state`"):
        generated_key(tmp_path / "state")
