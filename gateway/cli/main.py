"""`tidegate`: finds the command's file and runs it. Each command is imported only when it is the one asked for."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from gateway.version import VERSION

COMMANDS = {
    "serve": "start the gateway",
    "restart": "replace the workers of a gateway that runs, one by one and without a failed request",
    "check": "check a configuration and say what is wrong, with file and line",
    "explain": "say where a prompt would go, and why",
    "score": "difficulty, clearance and findings for a file of rows",
    "label": "put prompts to the small and the large model and a judge, for rows to train with",
    "train": "fit a difficulty model on rows of prompts and scores",
    "evaluate": "how good a difficulty model is on labelled rows, and what a threshold would have done",
    "labels": "what is kept of requests to learn from: count, export, forget",
    "learn": "refit the heads of difficulty from labels; a better one serves from then on",
    "calibrate": "give a route's dial its meaning, from rows of the route's own traffic",
    "simulate": "replay rows of traffic for several dials: share, cost and quality, as a table and a plot",
    "cascade": "fit the head that judges a small deployment's answers",
    "report": "spend, savings and the projection to a million requests a month",
    "whatif": "what the requests in the ledger would have cost with another dial, other models, another cache",
    "reconcile": "compare a provider's export of usage or cost with the ledger",
    "prices": "what each deployment costs, since when, and where that is from",
    "audit": "check the record of where content went, export it, and show what to keep of it elsewhere",
    "alerts": "send a test to the webhooks that are told of budgets",
    "keys": "make virtual keys, list, rotate, end and revoke them",
    "cache": "purge what is cached, by route, key, team or tag, and say how much was answered from it",
    "teams": "make teams of keys, list, change and remove them",
}


class Command(Protocol):
    """A module `gateway.cli.<name>`: it declares its arguments and runs, returning the exit status."""

    def arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="tidegate", description="A hybrid LLM gateway that speaks OpenAI.")
    parser.add_argument("--version", action="version", version=f"tidegate {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in words if not word.startswith("-")), None)
    run: Callable[[argparse.Namespace], int] | None = None
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name == chosen:
            module = cast(Command, importlib.import_module(f"gateway.cli.{name}"))
            module.arguments(command)
            run = module.run
    args = parser.parse_args(words)
    if run is None:  # argparse has already refused an unknown command
        parser.error("a command is needed")
    return run(args)


if __name__ == "__main__":
    sys.exit(main())
