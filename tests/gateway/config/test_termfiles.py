"""Terms that stand in a file of their own are as good as those in the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.problems import ConfigurationError
from router.sensitivity.detectors.own import MOST_TERMS
from tests.gateway.config.harness import BASE


def configuration(directory: Path, detection: str) -> Path:
    file = directory / "tidegate.yaml"
    file.write_text(f"{BASE}detection: {detection}\n")
    return file


def test_a_file_adds_to_what_the_configuration_lists(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("\ufeff# customers\nAcme Zebra\n\n  Müller & Söhne  # since 1990\n", "utf-8")
    file = configuration(tmp_path, "{terms: {CUSTOMER: [Globex]}, term_files: {CUSTOMER: names.txt}}")
    assert load(file, environ={}).terms == {"CUSTOMER": ("Globex", "Acme Zebra", "Müller & Söhne")}


def test_a_changed_file_is_another_version(tmp_path: Path) -> None:
    file = configuration(tmp_path, "{term_files: {CUSTOMER: names.txt}}")
    (tmp_path / "names.txt").write_text("Acme\n")
    before = load(file, environ={}).version
    (tmp_path / "names.txt").write_text("Acme\nGlobex\n")
    assert load(file, environ={}).version != before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Acme\nx\n", "line 2 of"),
        (b"\xff\xfe", "is no UTF-8"),
        (b"\n".join(b"term%d" % number for number in range(MOST_TERMS + 1)), f"holds {MOST_TERMS + 1:,} terms"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "names.txt").write_bytes(content)
    with pytest.raises(ConfigurationError, match=message):
        load(configuration(tmp_path, "{term_files: {CUSTOMER: names.txt}}"), environ={})
