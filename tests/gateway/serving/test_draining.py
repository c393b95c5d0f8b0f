"""If these fail, what was spent never reaches the ledger, or an idle gateway loads a database library for nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

from gateway.accounting.journal import Journal
from gateway.accounting.ledger import Ledger
from gateway.accounting.savings import Period, account
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.serving.draining import Draining
from tests.gateway.accounting.samples import intent, settlement


def loaded(directory: Path) -> Loaded:
    file = directory / "tidegate.yaml"
    file.write_text("deployments: {s: {zone: local, engine: embedded}}\nroutes: {auto: {small: [s]}}\n")
    return load(file, environ={})


def test_what_is_left_at_the_end_is_moved(tmp_path: Path) -> None:
    here = loaded(tmp_path)
    draining = Draining(here)
    draining.start()
    journal = Journal(here.state_directory / "journal", "1", fsync=False, clock=time.time)
    journal.intent(intent("a1"))
    journal.settled(settlement("a1", cost=Decimal("0.25")))
    journal.close()
    draining.finish()
    ledger = Ledger.open(here.ledger_url)
    assert account(ledger, ("route",), Period()).total.spent == Decimal("0.25")
    ledger.close()


def test_one_that_was_never_started_can_be_finished(tmp_path: Path) -> None:
    Draining(loaded(tmp_path)).finish()


def test_nothing_to_move_loads_no_database_library(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from gateway.config.load import load;"
        "from gateway.serving.supervisor import Supervisor; from gateway.serving.draining import Draining;"
        f"draining = Draining(load(Path({str(loaded(tmp_path).source)!r}), environ={{}}));"
        "draining.start(); draining.finish();"
        "assert not {'sqlalchemy', 'alembic', 'litellm', 'sklearn', 'numpy'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
