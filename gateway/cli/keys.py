"""`tidegate keys`: makes a virtual key, or lists those of a configuration. A key is shown once and kept nowhere."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from gateway.access.keys import HASH_PREFIX, digest_of, generate_key, hash_key
from gateway.cli.columns import in_columns
from gateway.config.checks.keys import is_key_name
from gateway.config.load import load
from gateway.config.problems import ConfigurationError

_SHOWN_DIGITS = 8  # of the hash: enough to tell keys apart, useless for anything else
_HEADINGS = ("NAME", "TEAM", "ROUTES", "LOCALITY", "HASH")


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    new = actions.add_parser("new", help="make a key, print it once, and the lines to configure it with")
    new.add_argument("--name", required=True, type=_name, help="whose it is")
    new.add_argument("--team", type=_name, help="the team that it belongs to")
    listing = actions.add_parser("list", help="list the keys of a configuration")
    listing.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")


def run(args: argparse.Namespace) -> int:
    return _new(args.name, args.team) if args.action == "new" else _list(args.config)


def _name(text: str) -> str:
    if not is_key_name(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no name: letters, digits and . _ @ + -, at most 64")
    return text


def _new(name: str, team: str | None) -> int:
    key = generate_key()
    # JSON strings are YAML, and quoted a name such as `no` or `1` stays a text for every reader.
    fields = {"name": name} | ({"team": team} if team else {}) | {"hash": hash_key(key)}
    line = ", ".join(f"{field}: {json.dumps(value)}" for field, value in fields.items())
    print(key)
    print("\n# The key above is shown this once. For tidegate.yaml, which keeps only its hash:")
    print(f"keys:\n  - {{{line}}}")
    return 0


def _list(config: Path | None) -> int:
    try:
        keys = load(config).settings.keys
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    if not keys:
        print("No keys are configured: `tidegate serve` makes one and prints it.")
        return 0
    rows = [
        (
            key.name,
            key.team or "-",
            "all" if key.routes is None else ",".join(key.routes) or "none",
            key.locality,
            f"{HASH_PREFIX}{digest_of(key).hex()[:_SHOWN_DIGITS]}…",
        )
        for key in keys
    ]
    for line in in_columns([_HEADINGS, *rows]):
        print(line)
    return 0
