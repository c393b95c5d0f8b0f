"""`tidegate cascade fit`: fit the head that judges a small deployment's answers, and say how good it is on new ones."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gateway.cli.refusal import refuse
from gateway.cli.rows import Row, RowError, rows
from gateway.pipeline.looked import answer_of, question_of
from router.artifact import ArtifactError
from router.cascade.checks import fault
from router.cascade.features import features
from router.difficulty.model import SHIPPED, DifficultyModel

if TYPE_CHECKING:
    from router.cascade.fitting import Fitted

_OF_THE_REQUEST = ("response_format", "tools", "tool_choice")


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    fit = actions.add_parser("fit", help="fit a head on answers of a small deployment, and say how good it is")
    fit.add_argument(
        "--data",
        nargs="+",
        required=True,
        metavar="FILE",
        help="rows of {prompt or messages, answer, logprobs, finish_reason, good}, good 0..1; .jsonl or .jsonl.gz",
    )
    fit.add_argument("--deployment", required=True, metavar="NAME", help="the small deployment that wrote the answers")
    fit.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the head is written")
    fit.add_argument(
        "--artifact", type=Path, default=SHIPPED, metavar="DIR", help="difficulty model; default: the one shipped"
    )


def run(args: argparse.Namespace) -> int:
    from router.cascade.fitting import CannotFit, fit

    try:
        seen = read(args.data, DifficultyModel.load(args.artifact))
        fitted = fit(seen.features, seen.good, seen.prompts)
        replace(fitted.head, card=_card(args, seen, fitted)).save(args.out)
    except (RowError, ArtifactError, CannotFit, OSError) as error:
        return refuse("cascade fit", error)
    for line in report(seen, fitted, args.out):
        print(line, file=sys.stderr)
    return 0


@dataclass(slots=True)
class Seen:
    """What a head is fitted on. `faults` are `good` of the answers that a hard check finds: they never reach a head."""

    features: list[list[float]] = field(default_factory=list)
    good: list[float] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    faults: list[float] = field(default_factory=list)


def read(files: Iterable[str], difficulty: DifficultyModel) -> Seen:
    """The rows of all files. Raises `RowError` at the first bad one."""
    seen = Seen()
    for file in files:
        for row in rows(file):
            good = row.share("good")
            estimate = difficulty.estimate(row.content()).probability
            question = question_of(_body(row), row.share("difficulty") if "difficulty" in row.fields else estimate)
            answer = answer_of(_completion(row), again=_text(row, "again"))
            if fault(question, answer) is not None:
                seen.faults.append(good)
                continue
            seen.features.append(features(question, answer))
            seen.good.append(good)
            seen.prompts.append(question.prompt)
    return seen


def report(seen: Seen, fitted: Fitted, out: Path) -> list[str]:
    """What was done, for people."""
    count, faults = len(seen.good), len(seen.faults)
    bad = sum(1.0 - good for good in seen.faults)
    figures = fitted.figures
    lines = [f"{count + faults} answers; hard checks find {faults} at fault, and {bad:.0f} of them are bad"]
    lines.append(f"of the other {count}, {figures.bad:.0%} are bad: those the head is for")
    lines.append(f"strength of regularisation, chosen by cross-validation: {fitted.strength:g}")
    lines.append(f"on answers held out of the fit, with 95 % intervals: AUROC {figures.auroc}  ECE {figures.ece}")
    if not figures.knows:
        lines.append("the head knows nothing: its AUROC may be 0.5, a coin. It abstains, and only hard checks count.")
    lines.append(f"written to {out}")
    return lines


def _body(row: Row) -> dict[str, Any]:
    asked = {name: row.fields[name] for name in _OF_THE_REQUEST if name in row.fields}
    messages = row.fields.get("messages")
    if messages is None:
        messages = [{"role": "user", "content": row.fields.get("prompt", row.fields.get("text"))}]
    return {"messages": messages, **asked}


def _completion(row: Row) -> dict[str, Any]:
    """The row's answer as a completion: its text, or the whole message, with what else is known of it."""
    said = row.fields.get("answer")
    if not isinstance(said, str | dict):
        raise row.error("'answer' must be a string, or the assistant's message")
    message = {"content": said} if isinstance(said, str) else said
    logprobs = {"content": [_token(row, item) for item in _logprobs(row)]}
    finish = row.fields.get("finish_reason", "stop")
    return {"choices": [{"message": message, "finish_reason": finish, "logprobs": logprobs}]}


def _logprobs(row: Row) -> list[Any]:
    """Numbers, or tokens as OpenAI writes them, in its `content` or not."""
    given = row.fields.get("logprobs")
    if isinstance(given, dict):
        given = given.get("content")
    if given is None:
        return []
    if not isinstance(given, list):
        raise row.error("'logprobs' must be an array of numbers, or OpenAI's `logprobs`")
    return given


def _token(row: Row, item: object) -> object:
    if isinstance(item, int | float):
        return {"token": "", "logprob": item}
    if not isinstance(item, dict):
        raise row.error("'logprobs' must be an array of numbers, or OpenAI's `logprobs`")
    return item


def _text(row: Row, name: str) -> str | None:
    value = row.fields.get(name)
    if value is not None and not isinstance(value, str):
        raise row.error(f"'{name}' must be a string")
    return value


def _card(args: argparse.Namespace, seen: Seen, fitted: Fitted) -> dict[str, Any]:
    return {
        "version": "1",
        "means": "probability that an answer of this deployment in which no hard check finds a fault is not good",
        "deployment": args.deployment,
        "sources": {Path(name).name: "own traffic; licence not recorded" for name in args.data},
        "rows": {"fitted": len(seen.good), "at_fault": len(seen.faults)},
        "recipe": {"strength": fitted.strength},
        "figures": {"held_out": fitted.figures.card()},
        "trained_with": {"numpy": np.__version__},
    }
