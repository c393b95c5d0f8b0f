"""If these fail, a report or an audit lacks the last requests without a word, or steals another gateway's journals."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.accounting.audit.key import FILE_NAME
from gateway.accounting.journal import Journal
from gateway.accounting.ledger import Ledger
from gateway.cli.drained import drain_first
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from tests.gateway.accounting.audit.site import kept
from tests.gateway.accounting.samples import NOON, intent
from tests.gateway.config.harness import BASE


@pytest.fixture
def here(tmp_path: Path) -> Loaded:
    (tmp_path / "tidegate.yaml").write_text(BASE)
    return load(tmp_path / "tidegate.yaml", environ={})


@pytest.fixture
def ledger(here: Loaded) -> Ledger:
    return Ledger.open(here.ledger_url)


def test_where_no_gateway_has_run_nothing_is_made(here: Loaded, ledger: Ledger) -> None:
    drain_first(here, ledger, "report")
    assert not (here.state_directory / FILE_NAME).exists()
    ledger.close()


def test_what_is_in_the_journals_is_moved_and_anchored(here: Loaded, ledger: Ledger) -> None:
    journal = Journal(here.state_directory / "journal", "w0", fsync=False, clock=lambda: NOON)
    journal.intent(intent())
    drain_first(here, ledger, "report")
    assert len(kept(ledger)) == 1
    journal.close()
    ledger.close()


def test_journals_that_cannot_be_read_are_told_of(
    here: Loaded, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    (here.state_directory / "journal" / "drain.lock").mkdir(parents=True)
    drain_first(here, ledger, "report")
    assert "the report may lack the last requests" in capsys.readouterr().err
    (here.state_directory / FILE_NAME).chmod(0o644)
    with pytest.raises(ConfigurationError):
        drain_first(here, ledger, "report")
    ledger.close()
