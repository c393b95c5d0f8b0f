"""`tidegate labels`: what is kept of requests to learn from. Counts, export as rows, and forgetting."""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from gateway.cli.columns import in_columns
from gateway.cli.refusal import refuse
from gateway.cli.rows import STANDARD, writer
from gateway.cli.times import start_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.learning.key import capture_key
from gateway.learning.note import opened, view_in
from gateway.learning.place import learning_url
from gateway.learning.sample import Label, Sample
from gateway.learning.store import LearningStore
from gateway.stores.seal import LEARNING, Seal
from gateway.stores.sql import DatabaseUnavailable
from router.clearance import Clearance, is_zone_name

_HEADINGS = ("ROUTE", "SMALL", "SOURCE", "ROWS")
_UNLABELLED = "(no label)"
_NOTHING = "Nothing is kept to learn from."


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="count labels by route, small deployment and source")
    export = actions.add_parser("export", help="write what has a label as JSON Lines")
    export.add_argument("--out", required=True, metavar="FILE", help=f"{STANDARD}: standard output; .gz: packed")
    export.add_argument(
        "--zone",
        type=_zone,
        metavar="ZONE",
        help="where the file will be: rows whose clearance permits it. Default: only those that may go anywhere",
    )
    forget = actions.add_parser("forget", help="delete what is kept of a key, of a request, or of the time before")
    which = forget.add_mutually_exclusive_group(required=True)
    which.add_argument("--key", metavar="NAME", help="what this key asked, and what it said of answers")
    which.add_argument("--request", metavar="ID", help="a request's id")
    which.add_argument("--before", type=start_of, metavar="TIME", help="a date (UTC) or an ISO time")
    for action in (listing, export, forget):
        action.add_argument(
            "--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped"
        )


def run(args: argparse.Namespace) -> int:
    """Returns 0; 2 with the reason on stderr if the database or the configuration is unusable."""
    action: Callable[[LearningStore, Loaded, argparse.Namespace], None] = _ACTIONS[args.action]
    try:
        loaded = load(args.config)
        url = learning_url(loaded)
        if _is_missing(url):
            print(_NOTHING, file=sys.stderr)
            return 0
        store = LearningStore.open(url)
        try:
            action(store, loaded, args)
        finally:
            store.close()
    except BrokenPipeError:  # whoever read standard output has seen enough
        return 0
    except (ConfigurationError, DatabaseUnavailable, OSError) as error:
        return refuse(f"labels {args.action}", error)
    return 0


def _is_missing(url: str) -> bool:
    """A file that is not there is not made for having been asked for."""
    scheme, _, file = url.partition(":///")
    return scheme == "sqlite" and not Path(file).exists()


def _zone(text: str) -> str:
    if not is_zone_name(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no zone name: local, cloud, or a region such as eu")
    return text


def _list(store: LearningStore, loaded: Loaded, args: argparse.Namespace) -> None:
    del loaded, args
    counts = store.counts()
    if not counts:
        print(_NOTHING)
        return
    rows = [(one.route, one.small, one.source or _UNLABELLED, str(one.rows)) for one in counts]
    for line in in_columns([_HEADINGS, *rows]):
        print(line)


def _export(store: LearningStore, loaded: Loaded, args: argparse.Namespace) -> None:
    left_out = written = 0
    with writer(args.out) as file:
        if args.out != STANDARD:
            Path(args.out).chmod(0o600)
        for row in _rows(store, loaded, args.zone):
            if row is None:
                left_out += 1
            else:
                file.write(orjson.dumps(row) + b"\n")
                written += 1
    print(f"{written} rows", file=sys.stderr)
    if left_out:
        where = f"in zone {args.zone}" if args.zone else "anywhere; --zone ZONE says where the file will be"
        print(f"{left_out} left out: they may not be {where}", file=sys.stderr)


def _rows(store: LearningStore, loaded: Loaded, zone: str | None) -> Iterator[dict[str, Any] | None]:
    """One for each label; None for what may not be there."""
    seal: Seal | None = None
    for sample, label in store.labelled():
        clearance = Clearance.parse(sample.clearance)
        if not (clearance.permits(zone) if zone else clearance.is_any):
            yield None
            continue
        if seal is None and (sample.text or label.text):
            seal = Seal(capture_key(loaded), LEARNING)
        yield _row(sample, label, seal)


def _row(sample: Sample, label: Label, seal: Seal | None) -> dict[str, Any]:
    """As `tidegate train` reads them, where there is a text and both scores are known; what is unknown is null."""
    row: dict[str, Any] = {
        "request_id": sample.request_id,
        "at": sample.at,
        "route": sample.route,
        "small": sample.small,
        "large": sample.large,
        "went": sample.went,
        "asked_by": sample.key,
        "team": sample.team,
        "clearance": sample.clearance,
        "difficulty": sample.difficulty,
        "source": label.source,
        "said_by": label.key,
        "said_at": label.at,
        "weak_score": label.weak,
        "strong_score": label.strong,
        "weight": label.weight,
        "features": base64.b64encode(sample.features).decode(),
    }
    if seal is None:
        return row
    view = view_in(seal, sample)
    if view is not None and view.earlier:
        turns = (view.earlier, view.task)
        row["messages"] = [{"role": "user", "content": text} for text in turns]
    elif view is not None:
        row["prompt"] = view.task
    correction = None if label.text is None else opened(seal, sample, label.text)
    if correction is not None:
        row["correction"] = correction.decode()
    return row


def _forget(store: LearningStore, loaded: Loaded, args: argparse.Namespace) -> None:
    del loaded
    if args.key is not None:
        gone = store.forget_key(args.key)
    elif args.request is not None:
        gone = store.forget_request(args.request)
    else:
        gone = store.forget_before(args.before)
    print(f"{gone.samples} requests and {gone.labels} labels are deleted.")


_ACTIONS: dict[str, Callable[[LearningStore, Loaded, argparse.Namespace], None]] = {
    "list": _list,
    "export": _export,
    "forget": _forget,
}
