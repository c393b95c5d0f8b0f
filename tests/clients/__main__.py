"""`python -m tests.clients [NAME…]`: build what is missing, run the clients, say what they saw. See docs/clients.md."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.clients.catalogue import CLIENTS
from tests.clients.contract import NAME, contract
from tests.clients.matrix import differences, matrix, tables, write
from tests.clients.outcome import Outcome, outcome_of

_JOBS_PER_CORE = 2  # most of the time a client waits: for time limits, and for a retry to be due


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.clients", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="clients to run; all by default")
    parser.add_argument("--jobs", type=int, default=_JOBS_PER_CORE * (os.cpu_count() or 1), help="clients at a time")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/clients.md")
    options = parser.parse_args(arguments)
    work: dict[str, Callable[[], Outcome]] = {client.name: partial(outcome_of, client) for client in CLIENTS}
    work[NAME] = contract
    unknown = set(options.names) - work.keys()
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(work)}")
    chosen = [act for name, act in work.items() if not options.names or name in options.names]
    outcomes = _run(chosen, options.jobs)
    failures = [f"{outcome.client}: {failure}" for outcome in outcomes for failure in outcome.failures]
    print(f"\n{matrix(outcomes)}")
    if len(chosen) == len(work):
        if options.write:
            write(tables(outcomes))
        elif differences(tables(outcomes)):
            failures.append("docs/clients.md tells something else than was seen: make test-clients ARGS=--write")
    for failure in failures:
        print(f"FAILED {failure}\n")
    print(f"{sum(outcome.passed for outcome in outcomes)} passed, {len(failures)} failed")
    return 1 if failures else 0


def _run(chosen: Iterable[Callable[[], Outcome]], jobs: int) -> list[Outcome]:
    def timed(act: Callable[[], Outcome]) -> Outcome:
        started = time.monotonic()
        outcome = act()
        print(f"{outcome.line} ({time.monotonic() - started:.0f} s)", flush=True)
        return outcome

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(timed, chosen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
