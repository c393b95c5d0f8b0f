"""`tidegate restart`: has a gateway that runs replace its workers, and says how it went.

For a new release in the same place, or memory that has grown. A new configuration takes SIGHUP and no restart.
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from pathlib import Path
from typing import Final

from gateway.cli.refusal import refuse
from gateway.config.load import load
from gateway.config.problems import ConfigurationError
from gateway.serving.plate import Said, is_running, read

_LOOK: Final = 0.1  # seconds between two looks how far it is


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")
    parser.add_argument("--timeout", type=float, default=300.0, metavar="SECONDS", help="to wait; default: 300")


def run(args: argparse.Namespace) -> int:
    """0 where all serve that are to, 1 where it failed or took too long, 2 where no gateway runs."""
    try:
        directory = load(args.config).state_directory
    except ConfigurationError as error:
        return refuse("restart", error)
    before = read(directory)
    if before is None or not is_running(before):
        return refuse("restart", f"no gateway runs with the state directory {directory}; start one: tidegate serve")
    os.kill(before.pid, signal.SIGUSR2)
    after = _awaited(directory, before, args.timeout)
    if after is None:
        print("the workers are not replaced yet; the gateway's output says how it goes on")
        return 1
    print(after.text)
    return 1 if after.failed else 0


def _awaited(directory: Path, before: Said, seconds: float) -> Said | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        after = read(directory)
        if after is None or after.pid != before.pid:
            return Said(before.pid, text="the gateway ended meanwhile", failed=True)
        if after.times > before.times:
            return after
        time.sleep(_LOOK)
    return None
