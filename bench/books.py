"""Books: what a worker's two lines for an attempt cost, and what moving them into the ledger does.

    python -m bench.books [--attempts 50000] [--ledger URL] [--held]

Microseconds of CPU for an attempt. Without a URL the ledger is a SQLite file in a temporary directory. `together`: both
lines are there when the drain comes; `apart`: it comes between them, as with answers that take longer than a second.
`--held`: each has a tag, and an amount that was held for it, as where there are budgets.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

from gateway.accounting.chunk import read_chunk
from gateway.accounting.drain import Drain
from gateway.accounting.journal import Journal
from gateway.accounting.ledger import Ledger
from gateway.accounting.record import Intent, Settlement, line_of, write_record
from gateway.accounting.usage import Usage
from gateway.wire.request_id import RequestIds

BATCH = 1000  # attempts in a step of the drain: one second at that many requests a second


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.books", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--attempts", type=int, default=50_000)
    parser.add_argument("--ledger", metavar="URL")
    parser.add_argument("--held", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        more = (("batch",), Decimal("0.025000000000")) if options.held else ((), None)
        batches = [[attempt(*more) for _ in range(BATCH)] for _ in range(max(1, options.attempts // BATCH))]
        worker(folder / "worker", batches)
        parse(batches)
        url = options.ledger or f"sqlite:///{folder}/ledger.db"
        drain(folder / "together", url, batches, apart=False)
        drain(folder / "apart", url, [[attempt(*more) for _ in batch] for batch in batches], apart=True)


request_id = RequestIds(time.time)


def attempt(tags: tuple[str, ...] = (), held: Decimal | None = None) -> Settlement:
    """As the pipeline writes it."""
    name = request_id()
    now = time.time()
    cost, counterfactual = Decimal("0.004750000000"), Decimal("0.006250000000")
    usage = Usage(1200, 300, 1000)
    intent = intent_of(name, now, tags, held)
    return Settlement(intent, now + 1.23, "ok", 200, usage, cost, counterfactual, 1.2345678, 0.2345678, "miss", True)


def intent_of(name: str, now: float, tags: tuple[str, ...] = (), held: Decimal | None = None) -> Intent:
    return Intent(
        attempt_id=f"{name}-1",
        request_id=name,
        at=now,
        key="developers",
        team="search",
        route="auto",
        deployment="large",
        zone="cloud",
        model="gpt-4o-2024-08-06",
        clearance="any",
        reason="difficult",
        difficulty=0.7312345678,
        prompt_estimate=1187,
        findings={},
        tags=tags,
        held=held,
    )


def report(what: str, seconds: float, attempts: int) -> None:
    print(f"{what:<52} {seconds / attempts * 1e6:6.2f} µs")


def timed(work: Callable[[], object]) -> float:
    """Seconds of CPU of this process, the kernel's on its behalf too."""
    began = time.process_time()
    work()
    return time.process_time() - began


def worker(folder: Path, batches: Sequence[Sequence[Settlement]]) -> None:
    """The least of the batches: other processes are about."""
    journal = Journal(folder, "bench", fsync=False, clock=time.time)
    buffer = bytearray()

    def make(batch: Sequence[Settlement]) -> None:
        for one in batch:
            intent = intent_of(one.intent.request_id, one.intent.at, one.intent.tags, one.intent.held)
            Settlement(intent, one.at, "ok", 200, one.usage, one.cost, one.counterfactual, 1.2, 0.2, "miss", True)

    def encode(batch: Sequence[Settlement]) -> None:
        for one in batch:
            write_record(one.intent, buffer)
            write_record(one, buffer)

    def write(batch: Sequence[Settlement]) -> None:
        for one in batch:
            journal.intent(one.intent)
            journal.settled(one)

    for what, work in (
        ("worker: both records made", make),
        ("worker: both records encoded", encode),
        ("worker: both lines in the journal, writes included", write),
    ):
        report(what, min(timed(partial(work, batch)) for batch in batches), BATCH)
    journal.close()


def parse(batches: Sequence[Sequence[Settlement]]) -> None:
    lines = [[line_of(record) for one in batch for record in (one.intent, one)] for batch in batches]
    seconds = sum(timed(partial(read_chunk, batch, "bench")) for batch in lines)
    report("drain: lines read, rows made", seconds, BATCH * len(batches))


def drain(folder: Path, url: str, batches: Sequence[Sequence[Settlement]], *, apart: bool) -> None:
    ledger = Ledger.open(url)
    mover = Drain(folder, lambda: ledger, time.time)
    journal = Journal(folder, "bench", fsync=False, clock=time.time)
    seconds = 0.0
    for batch in batches:
        for one in batch:
            journal.intent(one.intent)
        if apart:
            seconds += timed(mover.step)
        for one in batch:
            journal.settled(one)
        seconds += timed(mover.step)
    report(f"drain: all of it, lines {'apart' if apart else 'together'}", seconds, BATCH * len(batches))
    idle = 200
    report("drain: a step with nothing to do", timed(lambda: [mover.step() for _ in range(idle)]), idle)
    journal.close()
    ledger.close()


if __name__ == "__main__":
    main()
