"""`tidegate learn`: refit the heads of difficulty from labels, and let a new one serve only if it is better."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli.numbers import days_given
from gateway.cli.refusal import refuse
from gateway.cli.rows import RowError, rows
from gateway.config.heads import heads_of as serving_heads
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.learning.heads import Head, HeadsError, all_heads, heads_of
from gateway.learning.place import learning_of, learning_url
from gateway.learning.store import LearningStore
from gateway.stores.sql import DatabaseUnavailable
from router.artifact import ArtifactError

if TYPE_CHECKING:
    from gateway.learning.study import FileRow, Studied

NOT_PROMOTED = 3
FIGURES = {"log_loss": "log-loss", "brier": "Brier score", "auroc": "AUROC", "apgr": "APGR", "ece": "ECE"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")
    parser.add_argument("--deployment", metavar="NAME", help="only the head of this small deployment; default: all")
    parser.add_argument(
        "--since", type=days_given, default=30.0, metavar="DAYS", help="labels of the last DAYS; default: 30"
    )
    parser.add_argument(
        "--data",
        nargs="+",
        default=[],
        metavar="FILE",
        help="also rows of {prompt, weak_score, strong_score} that you vouch for, as `tidegate label` writes them",
    )
    parser.add_argument("--without", action="append", default=[], metavar="KEY", help="leave the labels of a key out")
    parser.add_argument("--allow-one-key", action="store_true", help="one key may carry a promotion alone")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    parser.add_argument("--json", action="store_true", help="for machines: one JSON object a deployment and line")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--rollback", metavar="NAME", help="let what served before serve again")
    which.add_argument("--list", action="store_true", help="show the heads there are")


def run(args: argparse.Namespace) -> int:
    """0: a head was promoted, or would be; 3: none was good enough; 2, with the reason on stderr: it cannot be done."""
    try:
        loaded = load(args.config)
        if args.list:
            return _list(loaded, args.json)
        if args.rollback:
            return _rollback(loaded, args.rollback)
        return _learn(loaded, args)
    except (ConfigurationError, DatabaseUnavailable, HeadsError, ArtifactError, RowError) as error:
        return refuse("learn", error)


def _learn(loaded: Loaded, args: argparse.Namespace) -> int:
    names = heads_to_learn(loaded)
    if args.deployment is not None:
        if args.deployment not in loaded.settings.deployments:
            raise HeadsError(f"there is no deployment '{args.deployment}'; {_known(names)}")
        if args.deployment not in names:
            raise HeadsError(
                f"no route that learns has '{args.deployment}' as its first small deployment; {_known(names)}"
            )
        names = {args.deployment: names[args.deployment]}
    if args.data and len(names) > 1:
        raise HeadsError(f"--data is about one small model: name it with --deployment; {_known(names)}")
    if not names:
        raise HeadsError("no route learns: switch it on with `learning: {enabled: true}` at a route")
    from gateway.learning.study import Request, study
    from router.difficulty.model import DifficultyModel
    from router.difficulty.relearning.gates import Permission

    named = [name for name in names if loaded.settings.deployments[name].difficulty]
    if named:
        raise HeadsError(f"deployments.{named[0]}.difficulty names a head: one that is learned would not serve")
    request = Request(
        now=time.time(),
        days=args.since,
        may=Permission(one_key=args.allow_one_key or loaded.settings.learning.one_key),
        without=frozenset(args.without),
        dry_run=args.dry_run,
        file=_file_rows(args.data),
    )
    root = DifficultyModel.shipped()
    passed = False
    store = LearningStore.open(learning_url(loaded))
    try:
        for name, routes in names.items():
            heads = heads_of(loaded.state_directory, name)
            with heads.changing():
                studied = study(store, heads, name, routes, root, request)
            passed = passed or studied.result.passed
            lines = [json.dumps(studied.card())] if args.json else report(studied, dry_run=args.dry_run)
            print("\n".join(lines), flush=True)
    finally:
        store.close()
    return 0 if passed else NOT_PROMOTED


def _file_rows(files: Iterable[str]) -> list[FileRow]:
    """Raises `RowError`."""
    from gateway.learning.study import FileRow
    from router.difficulty.features import read
    from router.difficulty.view import view_of_content

    return [
        FileRow(read(view_of_content(row.content())), row.share("weak_score"), row.share("strong_score"))
        for file in files
        for row in rows(file)
    ]


def heads_to_learn(loaded: Loaded) -> dict[str, list[str]]:
    """The first small deployment of each route that learns, and these routes; not those that ask the head of another
    one, as they do while the first has none."""
    found: dict[str, list[str]] = {}
    serving = serving_heads(loaded)
    for name in learning_of(loaded.settings):
        small = loaded.settings.routes[name].small
        for first in small[:1]:
            routes = found.setdefault(first, [])
            if next((each for each in small if each in serving), first) == first:
                routes.append(name)
    return found


def report(studied: Studied, *, dry_run: bool) -> Iterator[str]:
    """For people."""
    result = studied.result
    yield f"{studied.deployment}: {studied.labels} labels of {result.rows} prompts, {result.trusted} of them trusted"
    for why, count in studied.left_out.items():
        yield f"  {count} labels left out: {why}"
    if result.figures:
        yield "  on rows held back, with 95 % intervals:"
        yield f"    {'':12}{'old':24}{'new':24}better by"
        for name, pair in result.figures.items():
            yield f"    {FIGURES[name]:12}{pair.old!s:24}{pair.new!s:24}{pair.change}"
    for gate in result.gates:
        yield f"  {'holds' if gate.held else 'FAILS'}  {gate.name}: {gate.found}"
        if not gate.held and gate.remedy:
            yield f"         {gate.remedy}"
    if studied.promoted:
        yield f"  promoted; back with: tidegate learn --rollback {studied.deployment}"
    elif result.passed:
        yield "  would be promoted (dry run)" if dry_run else "  not promoted"
    else:
        yield "  not promoted; the head that serves stays"


def _rollback(loaded: Loaded, name: str) -> int:
    if name not in all_heads(loaded.state_directory):
        raise HeadsError(f"no head was learned for '{name}'")
    heads = heads_of(loaded.state_directory, name)
    with heads.changing():
        role = heads.rollback(time.time())
    print(f"{name}: {'the shipped head' if role == 'shipped' else role} serves again")
    return 0


def _list(loaded: Loaded, as_json: bool) -> int:
    every = {name: heads.all() for name, heads in all_heads(loaded.state_directory).items()}
    found = {name: heads for name, heads in every.items() if heads}
    if as_json:
        for name, heads in found.items():
            print(json.dumps({"deployment": name, "heads": [_head(head) for head in heads]}))
        return 0
    if not found:
        print("No head was learned yet: the shipped one serves everywhere.")
    for name, heads in found.items():
        print(name)
        for head in heads:
            told = _head(head)
            failed = ", ".join(told["failed"])
            print(
                f"  {head.role:12} {told['learned']}  {told['prompts']} prompts"
                f"{f'  failed: {failed}' if failed else ''}"
            )
    return 0


def _head(head: Head) -> dict[str, Any]:
    card = head.card
    at = card.get("learned", {}).get("at")
    return {
        "role": head.role,
        "sha256": head.checksum,
        "learned": datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at else "unknown",
        "prompts": card.get("rows", {}).get("own"),
        "failed": [gate["name"] for gate in card.get("gates", ()) if not gate["held"]],
        "figures": card.get("figures"),
    }


def _known(names: Collection[str]) -> str:
    return f"there are {', '.join(names)}" if names else "no route learns"
