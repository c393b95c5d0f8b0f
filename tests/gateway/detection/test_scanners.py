"""What a configuration says to look for is looked for; what another has in common with it is kept."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from gateway.config.loaded import Loaded
from gateway.detection.scanners import Scanners, configured
from router.content import content_of_text
from tests.gateway.config.harness import BASE, loaded

_TERMS = 'detection: {terms: {PROJECT: [Bluebird]}, patterns: {EMPLOYEE_ID: ["E-[0-9]{6}"]}}\n'


def types(settings: Loaded, text: str) -> list[str]:
    return [finding.type for finding in configured(settings).scanner.scan(content_of_text(text)).findings]


def test_terms_and_patterns_have_types_of_their_own() -> None:
    assert types(loaded(BASE + _TERMS), "bluebird by E-123456") == ["PROJECT", "EMPLOYEE_ID"]
    assert types(loaded(BASE), "bluebird by E-123456") == []


def test_what_is_asked_without_waiting_knows_terms_and_patterns_too() -> None:
    quick = configured(loaded(BASE + _TERMS)).quick
    assert [finding.type for finding in quick.scan(content_of_text("bluebird by E-123456")).findings] == [
        "PROJECT",
        "EMPLOYEE_ID",
    ]


def test_terms_and_patterns_may_share_a_type() -> None:
    text = 'detection: {terms: {SECRET_X: [Bluebird]}, patterns: {SECRET_X: ["E-[0-9]{6}"]}}\n'
    assert types(loaded(BASE + text), "bluebird by E-123456") == ["SECRET_X", "SECRET_X"]


def test_a_reload_keeps_the_scanner_where_nothing_about_it_changes() -> None:
    scanners = Scanners()
    first = scanners.of(loaded(BASE + _TERMS))
    assert scanners.of(loaded(BASE + _TERMS + "server: {port: 9000}\n")) is first
    second = scanners.of(loaded(BASE))
    assert second is not first
    assert not second.waits
    scanners.close()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package that offers a plug-in."""
    (tmp_path / "zebras.py").write_text(
        dedent(
            """
            class Zebras:
                def __init__(self, options):
                    self.word = options["word"]
                def advise(self, text):
                    at = text.find(self.word)
                    return [(at, at + len(self.word), "ANIMAL", 0.9)] if at >= 0 else []
            """
        )
    )
    about = tmp_path / "zebras-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: zebras\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[tidegate.detectors]\nzebras = zebras:Zebras\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "zebras", raising=False)


@pytest.mark.usefixtures("package")
def test_a_plug_in_of_an_installed_package() -> None:
    text = "detection: {plugins: [{name: zebras, timeout: 30, options: {word: zebra}}]}\n"
    made = configured(loaded(BASE + text))
    assert made.waits
    scan = made.scanner.scan(content_of_text("a zebra"))
    assert [(each.type, each.start, each.end) for each in scan.findings] == [("ANIMAL", 2, 7)]
    made.close()
