"""The process that moves journals into the ledger: `python -m gateway.serving.draining_child`, started by `draining`.

Its input is a line with the ledger's URL and the key that the audit is signed with; at the end of that, or when no line
has come for a while, it does a last step and ends. It then says how many bytes of each journal the ledger holds.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from functools import partial
from pathlib import Path

from gateway.accounting.audit.signer import Signer
from gateway.accounting.drain import Drain
from gateway.accounting.ledger import Ledger
from gateway.telemetry import logs

DAY = 86_400.0  # seconds
AWAY = 3  # the exit status where the ledger was away to the last


def main() -> int:
    arguments = json.loads(sys.argv[1])
    logs.configure(arguments["log"]["level"], arguments["log"]["format"])
    line = sys.stdin.readline()
    if not line:
        return AWAY  # the parent was killed before it could say anything; its next start begins anew
    secrets = json.loads(line)
    told = threading.Event()
    threading.Thread(target=_watch, args=(told,), daemon=True).start()
    limit = arguments["quiet_seconds"]

    def enough(quiet: float) -> bool:
        # What it takes to migrate a ledger is as large as all the rest; the next process does without.
        return quiet >= limit or "alembic" in sys.modules

    days = arguments["retention_days"]
    drain = Drain(
        Path(arguments["journals"]),
        partial(Ledger.open, secrets["ledger"]),
        time.time,
        signer=Signer.of(secrets["key"]),
        retention=None if days is None else days * DAY,
    )
    try:
        done = drain.run(told, enough)
    finally:
        drain.close()
    if not done:
        return AWAY
    sys.stdout.write(json.dumps(drain.read))
    return 0


def _watch(told: threading.Event) -> None:
    """The parent says nothing more; it or the kernel closes the pipe."""
    while os.read(0, 1024):
        pass
    told.set()


if __name__ == "__main__":
    sys.exit(main())
