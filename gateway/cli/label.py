"""`tidegate label`: puts the prompts of a file to a route's small and large deployment and to a judge, and writes rows
to train, calibrate and simulate with.

It can be stopped and started again: what the output holds already is not asked a second time. What the policy keeps at
home is not sent.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from gateway.accounting.ledger import Ledger, LedgerUnavailable
from gateway.accounting.money import dollars
from gateway.cli.drained import drain_first
from gateway.cli.label_file import Prompt, prompts_of
from gateway.cli.labeller import MOST_FAILURES, Labeller, Tally, Whom
from gateway.cli.numbers import limit_in_dollars, whole_given
from gateway.cli.refusal import refuse
from gateway.cli.rows import RowError
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.serving.models import ModelError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--in",
        dest="source",
        required=True,
        metavar="FILE",
        help="rows of {prompt} or {messages}; - reads standard input",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="rows are added to it")
    parser.add_argument("--route", default="auto", help="default: auto")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")
    parser.add_argument(
        "--judge",
        metavar="DEPLOYMENT",
        help="default: that of the route's shadow; none is needed where all rows have an answer",
    )
    parser.add_argument("--key", metavar="NAME", help="as if asked with this key: its policy and its team's count too")
    parser.add_argument("--limit", type=whole_given, metavar="N", help="put no more than so many prompts")
    parser.add_argument("--max-dollars", type=limit_in_dollars, metavar="X", help="spend no more than this")
    parser.add_argument(
        "--max-tokens", type=whole_given, metavar="N", help="of an answer; default: as the route's shadow, else 1024"
    )
    parser.add_argument(
        "--both-orders",
        action=argparse.BooleanOptionalAction,
        help="ask the judge in either order; default: yes, unless the route's shadow says no",
    )
    parser.add_argument("--parallel", type=whole_given, default=4, metavar="N", help="prompts at once; default: 4")


def run(args: argparse.Namespace) -> int:
    """Returns 0; 1 where it stopped because nobody answered; 2 with the reason on stderr where it cannot be done."""
    try:
        loaded = load(args.config)
        whom = Whom.of(loaded.settings, args)
        prompts = list(prompts_of(args.source))
        _check_answers(prompts, whom)
        tally = asyncio.run(Labeller(loaded, whom, args.out).run(prompts, args.limit, args.max_dollars, args.parallel))
        _book(loaded)
    except (ConfigurationError, LedgerUnavailable, ModelError, RowError, ValueError, OSError) as error:
        return refuse("label", error)
    print("\n".join(_said(tally, args.out)))
    if tally.gave_up:
        print(f"stopped: {MOST_FAILURES} prompts in a row got no answer, the last time: {tally.why}", file=sys.stderr)
    return 1 if tally.gave_up else 0


def _check_answers(prompts: list[Prompt], whom: Whom) -> None:
    if whom.judge:
        return
    for prompt in prompts:
        if prompt.answer is None:
            raise prompt.row.error("has no 'answer', and there is no judge: name one with --judge")


def _book(loaded: Loaded) -> None:
    """Into the ledger, so that the next report has it."""
    ledger = Ledger.open(loaded.ledger_url)
    try:
        drain_first(loaded, ledger, "ledger")
    finally:
        ledger.close()


def _said(tally: Tally, out: Path) -> Iterator[str]:
    yield f"{tally.written} rows written to {out}"
    for count, what in (
        (tally.before, "were there already"),
        (tally.kept, "left out: the policy keeps them from a deployment that would have to see them"),
        (
            tally.unlike,
            "left out: not to be compared (tools, images, an answer that was cut, a judge without a verdict)",
        ),
        (tally.failed, "failed, and can be tried again"),
    ):
        if count:
            yield f"{count} {what}"
    each = ((tally.weak, "small"), (tally.strong, "large"), (tally.judge, "judge"))
    yield f"spent {dollars(tally.spent)} $: " + ", ".join(f"{name} {dollars(amount)}" for amount, name in each)
    if tally.unknown:
        yield f"and what is not known of the cost of {tally.unknown} prompts"
    if tally.is_spent:
        yield "stopped: the next prompt could have cost more than --max-dollars leaves"
