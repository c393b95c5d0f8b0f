"""`tidegate audit`: checks the record of where content went, exports it, shows what to keep of it elsewhere.

What the journals still hold is moved into the database first. Nothing that is printed holds content.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

import orjson

from gateway.accounting.audit.anchor import Mark
from gateway.accounting.audit.export import FIELDS, UNREADABLE, Exported, export
from gateway.accounting.audit.faults import Verdict
from gateway.accounting.audit.key import signing_key
from gateway.accounting.audit.reading import newest_marks
from gateway.accounting.audit.replica import kept_mark
from gateway.accounting.audit.signer import Signer
from gateway.accounting.audit.verify import verify
from gateway.accounting.ledger import Ledger, LedgerUnavailable
from gateway.accounting.period import Period
from gateway.cli.drained import drain_first
from gateway.cli.times import end_of, start_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError

INTACT, FAULTY, NOT_CHECKED = 0, 1, 2  # exit statuses
SHOWN_FAULTS: Final = 100

_PUBLIC_KEY: Final = re.compile(r"[0-9a-f]{64}")
_MARK: Final = re.compile(r"([0-9a-f]{12}) ([1-9][0-9]{0,17}) ([0-9a-f]{64})(?: .*)?")


class MarksUnreadable(Exception):
    """The file with what was kept cannot be used. The message names it, and the line."""


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    checking = actions.add_parser("verify", help="find what was changed, removed, added or reordered; 1 if anything")
    checking.add_argument(
        "--key", action="append", default=[], type=_public_key, metavar="PUBLIC", help="trust this key's signatures too"
    )
    checking.add_argument(
        "--marks", type=Path, metavar="FILE", help="compare with what `tidegate audit head` printed once"
    )
    exporting = actions.add_parser("export", help="write the records of a time to standard output")
    exporting.add_argument("--from", dest="start", type=start_of, metavar="TIME", help="a date (UTC) or an ISO time")
    exporting.add_argument(
        "--to", dest="end", type=end_of, metavar="TIME", help="a date, which is included, or an ISO time, which is not"
    )
    exporting.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    heads = actions.add_parser("head", help="print where each replica's record ends: keep it where the operator cannot")
    for action in (checking, exporting, heads):
        action.add_argument(
            "--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped"
        )
        action.add_argument(
            "--ledger", metavar="URL", help="read this database instead of the configured one; journals are left alone"
        )


def run(args: argparse.Namespace) -> int:
    """0: done, and nothing is wrong; 1: something is; 2: it could not be looked at, with the reason on stderr."""
    try:
        loaded = load(args.config) if args.config or not args.ledger else None
        with _opened(loaded, args.ledger) as ledger:
            if args.action == "export":
                return _export(ledger, Period(args.start, args.end), args.format)
            return _verify(ledger, loaded, args) if args.action == "verify" else _head(ledger, loaded)
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_CHECKED
    except (ConfigurationError, LedgerUnavailable, MarksUnreadable, OSError) as error:
        print(error, file=sys.stderr)
        return NOT_CHECKED


@contextmanager
def _opened(loaded: Loaded | None, url: str | None) -> Iterator[Ledger]:
    ledger = Ledger.open(url or (loaded.ledger_url if loaded else ""))
    try:
        if loaded and url in (None, loaded.ledger_url):
            drain_first(loaded, ledger, "audit")
        yield ledger
    finally:
        ledger.close()


def _verify(ledger: Ledger, loaded: Loaded | None, args: argparse.Namespace) -> int:
    keys = {*args.key, *([Signer.of(signing_key(loaded)).public] if loaded else [])}
    marks = _marks_of(args.marks) if args.marks else {}
    if loaded and args.ledger in (None, loaded.ledger_url):
        for replica, mark in kept_mark(loaded.state_directory / "journal").items():
            if replica not in marks or marks[replica].number < mark.number:
                marks[replica] = mark
    verdict, faults = Verdict(), 0
    with ledger.reading() as connection:
        for fault in verify(connection, verdict, keys=keys, marks=marks):
            faults += 1
            if faults <= SHOWN_FAULTS:
                print(fault)
    if faults > SHOWN_FAULTS:
        print(f"and {faults - SHOWN_FAULTS} more")
    for chain, last in sorted(verdict.cut.items()):
        if last:
            print(f"chain {chain}: begins after record {last}; those before were removed by retention")
    print(f"{verdict.records} records, {verdict.anchors} anchors of {verdict.replicas} replicas", end=": ")
    print(f"{faults} faults" if faults else "intact")
    if verdict.unsigned:
        print("signatures were not checked: no key was given", file=sys.stderr)
    return FAULTY if faults else INTACT


def _head(ledger: Ledger, loaded: Loaded | None) -> int:
    if loaded:
        print(f"# signed with {Signer.of(signing_key(loaded)).public}")
    with ledger.reading() as connection:
        for replica, (mark, at) in newest_marks(connection).items():
            print(replica, mark.number, mark.hash, datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds"))
    return INTACT


def _export(ledger: Ledger, period: Period, form: str) -> int:
    with ledger.reading() as connection:
        rows = _watched(export(connection, period))
        if form == "csv":
            _write_csv(rows, sys.stdout)
        else:
            for row in rows:
                sys.stdout.write(orjson.dumps(row).decode() + "\n")
    return INTACT


def _watched(rows: Iterable[Exported]) -> Iterator[Exported]:
    unreadable = 0
    for row in rows:
        unreadable += row["outcome"] == UNREADABLE
        yield row
    if unreadable:
        print(f"{unreadable} records are not as the gateway wrote them: tidegate audit verify", file=sys.stderr)


def _write_csv(rows: Iterable[Exported], file: IO[str]) -> None:
    writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        counts = {name: _counts(row[name]) for name in ("findings", "masked")}
        writer.writerow(row | counts | {"more": "true" if row["more"] else ""})


def _counts(found: object) -> str:
    """`EMAIL:2 IBAN:1`."""
    return " ".join(f"{name}:{count}" for name, count in found.items()) if isinstance(found, dict) else ""


def _marks_of(path: Path) -> dict[str, Mark]:
    """The newest of each replica, in what `head` printed once or several times."""
    marks: dict[str, Mark] = {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MarksUnreadable(f"{path}: {getattr(error, 'strerror', None) or 'no text'}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _MARK.fullmatch(line.strip())
        if not match:
            raise MarksUnreadable(f"{path}:{number}: not a line that `tidegate audit head` prints")
        mark = Mark(int(match[2]), match[3])
        if match[1] not in marks or marks[match[1]].number < mark.number:
            marks[match[1]] = mark
    return marks


def _public_key(text: str) -> str:
    if not _PUBLIC_KEY.fullmatch(text):
        raise argparse.ArgumentTypeError("a public key is 64 hexadecimal digits, as `tidegate audit head` prints it")
    return text
