"""`tidegate keys`: makes virtual keys, shows, rotates, ends and revokes them. A key is shown once and kept nowhere."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import get_args

from gateway.access.keys import HASH_PREFIX, digest_of, generate_key, hash_key
from gateway.access.registry import DEFAULT_OVERLAP, Made, found
from gateway.access.stored import StoredKey
from gateway.access.terms import KeyTerms
from gateway.cli import registering
from gateway.cli.columns import in_columns
from gateway.cli.registering import bounds, changing, date, looking, moment, name, span, with_bounds, with_config, words
from gateway.config.access import RANKS, KeyPriority
from gateway.config.loaded import Loaded
from gateway.config.settings import Key

_SHOWN_DIGITS = 8  # of the hash: enough to tell keys apart, useless for anything else
_HEADINGS = ("NAME", "TEAM", "ROLE", "ROUTES", "LOCALITY", "KEY", "STATUS", "EXPIRES")
_EMPTY = "No keys are configured or stored: `tidegate serve` makes one and prints it."


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _new(actions.add_parser("new", help="make a key, and print it this once; it is good at once"))
    listing = actions.add_parser("list", help="list keys: stored ones, and those of the configuration")
    listing.add_argument("--team", help="only those of this team")
    listing.add_argument("--all", action="store_true", help="revoked ones too")
    show = actions.add_parser("show", help="all that is known of a key")
    rotate = actions.add_parser("rotate", help="make another key for the same name; the old one is good a while longer")
    rotate.add_argument(
        "--overlap", type=span, default=DEFAULT_OVERLAP, metavar="SPAN", help="such as 1h or 7d; default: 24h; 0s: none"
    )
    revoke = actions.add_parser("revoke", help="end a key now and for good")
    expire = actions.add_parser("expire", help="say when a key ends")
    when = expire.add_mutually_exclusive_group(required=True)
    when.add_argument("--at", type=moment, metavar="TIME", help="a date (UTC), an ISO time, or a span from now: 30d")
    when.add_argument("--never", action="store_true", help="it does not end any more")
    for action in (show, rotate, revoke, expire):
        action.add_argument("name", type=name, metavar="NAME")
    for action in (listing, show, rotate, revoke, expire):
        with_config(action)


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", required=True, type=name, help="whose it is; never given twice")
    parser.add_argument("--team", type=name, help="the team that it belongs to")
    parser.add_argument(
        "--yaml", action="store_true", help="keep nothing: print the lines for tidegate.yaml, with the key's hash"
    )
    parser.add_argument("--owner", help="who answers for it")
    parser.add_argument(
        "--routes", type=words, metavar="NAMES", help="which it may ask for, divided by commas; default: all"
    )
    parser.add_argument("--role", choices=tuple(RANKS), default="caller", help="default: caller")
    parser.add_argument(
        "--priority", choices=get_args(KeyPriority), default="normal", help="where too much is asked; default: normal"
    )
    parser.add_argument("--tags", type=words, default=(), metavar="TAGS", help="of all its requests, divided by commas")
    parser.add_argument("--expires", type=moment, metavar="TIME", help="a date (UTC), an ISO time, or a span: 90d")
    with_bounds(parser)
    with_config(parser)


def run(args: argparse.Namespace) -> int:
    """Returns 0; 2 with the reason on stderr for what cannot be done."""
    if args.action == "new" and args.yaml:
        return _for_yaml(args.name, args.team)
    work = {"new": _make, "list": _list, "show": _show, "rotate": _rotate, "revoke": _revoke, "expire": _expire}
    return registering.run(f"keys {args.action}", args.config, lambda loaded: work[args.action](loaded, args))


def _for_yaml(name: str, team: str | None) -> int:
    key = generate_key()
    # JSON strings are YAML, and quoted a name such as `no` or `1` stays a text for every reader.
    fields = {"name": name} | ({"team": team} if team else {}) | {"hash": hash_key(key)}
    line = ", ".join(f"{field}: {json.dumps(value)}" for field, value in fields.items())
    print(key)
    print("\n# The key above is shown this once. For tidegate.yaml, which keeps only its hash:")
    print(f"keys:\n  - {{{line}}}")
    return 0


def _make(loaded: Loaded, args: argparse.Namespace) -> None:
    terms = KeyTerms(
        owner=args.owner,
        team=args.team,
        routes=args.routes,
        role=args.role,
        priority=args.priority,
        tags=args.tags,
        **bounds(args),
    )
    with changing(loaded) as (registry, hand):
        _print_once(registry.new_key(args.name, terms, args.expires, hand))


def _rotate(loaded: Loaded, args: argparse.Namespace) -> None:
    with changing(loaded) as (registry, hand):
        made = registry.rotate_key(args.name, args.overlap, hand)
    _print_once(made)
    for secret in made.key.secrets[:-1]:
        print(f"{secret.shown} is good until {date(secret.until)}.", file=sys.stderr)


def _print_once(made: Made) -> None:
    """The key on standard output, for `KEY=$(tidegate keys new …)`; all else beside it."""
    print(made.secret)
    print(f"The key of {made.key.name} is shown this once; only its hash is kept.", file=sys.stderr)


def _revoke(loaded: Loaded, args: argparse.Namespace) -> None:
    with changing(loaded) as (registry, hand):
        registry.revoke_key(args.name, hand)
    print(f"The key {args.name} opens nothing any more; gateways that run know within two seconds.")


def _expire(loaded: Loaded, args: argparse.Namespace) -> None:
    ends = None if args.never else args.at
    with changing(loaded) as (registry, hand):
        registry.change_key(args.name, lambda key: (key.terms, ends), hand)
    print(f"The key {args.name} does not end." if ends is None else f"The key {args.name} ends {date(ends)}.")


def _list(loaded: Loaded, args: argparse.Namespace) -> None:
    configured = [key for key in loaded.settings.keys if args.team in (None, key.team)]
    names = {key.name for key in loaded.settings.keys}
    with looking(loaded) as store:
        stored = store.list_keys(team=args.team, besides=names) if store else []
    now = time.time()
    rows = [_row_of_configured(key) for key in configured]
    rows += [_row(key, now) for key in stored if args.all or key.revoked_at is None]
    if not rows:
        print(_EMPTY)
        return
    for line in in_columns([_HEADINGS, *sorted(rows)]):
        print(line)


def _row(key: StoredKey, now: float) -> tuple[str, ...]:
    shown = ",".join(secret.shown for secret in key.secrets if secret.until is None or secret.until > now)
    return (*_terms(key.name, key.terms), shown or "-", key.status(now), date(key.expires_at))


def _row_of_configured(key: Key) -> tuple[str, ...]:
    terms = KeyTerms(team=key.team, routes=key.routes, role=key.role, locality=key.locality)
    hashed = f"{HASH_PREFIX}{digest_of(key).hex()[:_SHOWN_DIGITS]}…"
    return (*_terms(key.name, terms), hashed, "configured", "-")


def _terms(name: str, terms: KeyTerms) -> tuple[str, ...]:
    routes = "all" if terms.routes is None else ",".join(terms.routes) or "none"
    return name, terms.team or "-", terms.role, routes, terms.locality


def _show(loaded: Loaded, args: argparse.Namespace) -> None:
    with looking(loaded) as store:
        key = found(store.key(args.name) if store else None, args.name)
        events = store.events(limit=20, name=args.name) if store else []
    now = time.time()
    for heading, value in zip(_HEADINGS, _row(key, now), strict=True):
        print(f"{heading.lower():10}{value}")
    terms = key.terms
    for heading, value in (
        ("owner", terms.owner or "-"),
        ("tags", ",".join(terms.tags) or "-"),
        ("region", terms.region or "-"),
        ("priority", terms.priority),
        ("limits", registering.limits_shown(terms.limits)),
        ("budgets", registering.budgets_shown(terms.budgets)),
    ):
        print(f"{heading:10}{value}")
    for event in events:
        print(f"{date(event.at)}  {event.action.removeprefix('key.')} by {event.actor}")
