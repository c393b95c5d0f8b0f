"""If these fail, a key is made anew at every start, or somebody else can read it."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from gateway.config.problems import ConfigurationError
from gateway.config.secretfile import kept_key

SHAPE = re.compile(r"[a-z]{4}")


def kept(path: Path, *keys: str) -> str:
    """The key in `path`; `keys` are those that would be made."""
    left = list(keys)
    return kept_key(path, lambda: left.pop(0), SHAPE)


def test_it_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b.key"
    assert kept(file, "abcd") == "abcd"
    assert kept(file) == "abcd"  # nothing is left to be made


def test_only_its_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept(tmp_path / "a" / "b.key", "abcd")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a" / "b.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


@pytest.mark.parametrize("content", ["", "abc", "abcde", "abcd abcd", "ABCD"])
def test_what_is_no_whole_key_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    file = tmp_path / "b.key"
    file.touch(mode=0o600)
    file.write_text(content)
    with pytest.raises(ConfigurationError, match="holds no key"):
        kept(file, "abcd")
    assert file.read_text() == content


def test_one_that_another_gateway_has_made_meanwhile_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "b.key"

    def make() -> str:
        file.touch(mode=0o600)
        file.write_text("wxyz\n")
        return "abcd"

    assert kept_key(file, make, SHAPE) == "wxyz"
