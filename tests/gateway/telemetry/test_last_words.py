"""If these fail, a fault of ours prints what somebody asked on standard error."""

from __future__ import annotations

import logging
import sys
import threading

import pytest

from gateway.telemetry import last_words


class Stubborn:
    def __del__(self) -> None:
        raise RuntimeError("measles")


def _fail() -> None:
    raise ValueError("measles")


def test_the_end_of_a_process(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end, last_words.logged():
        _fail()
    assert end.value.code == 1
    assert "measles" not in "".join(capfd.readouterr())
    assert [(record.levelname, record.exc_info and record.exc_info[0]) for record in caplog.records] == [
        ("CRITICAL", ValueError)
    ]


def test_an_end_that_was_meant_is_none(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit) as end, last_words.logged():
        sys.exit(3)
    assert end.value.code == 3
    assert caplog.records == []


def test_the_end_of_a_thread(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    before = threading.excepthook
    with last_words.logged():
        thread = threading.Thread(target=_fail)
        thread.start()
        thread.join()
    assert threading.excepthook is before
    assert "measles" not in "".join(capfd.readouterr())
    assert [record.message for record in caplog.records] == ["a thread ended by an error"]


def test_what_cannot_be_raised(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with last_words.logged():
        Stubborn()
    assert "measles" not in "".join(capfd.readouterr())
    assert [(record.message, record.levelno) for record in caplog.records] == [
        ("an error could not be raised", logging.ERROR)
    ]
