"""`tidegate alerts test`: sends a signed test to the webhooks of the configuration, and says what came of it."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import time
from pathlib import Path

from gateway.alerts.event import sample
from gateway.alerts.post import Unreached
from gateway.alerts.sinks import WebhookSink, is_told
from gateway.cli.refusal import refuse
from gateway.config.load import load
from gateway.config.problems import ConfigurationError

_SAID = {
    "timeout": "did not answer in time",
    "connection": "could not be connected to, or has a certificate that nobody vouches for",
    "answer": "answered with what is no HTTP",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("test",), help="send a test, once and without further tries")
    parser.add_argument("webhook", nargs="*", help="by name; default: all")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")


def run(args: argparse.Namespace) -> int:
    """0 where all took it, 1 where one did not, 2 where there is none such."""
    try:
        webhooks = load(args.config).settings.alerts.webhooks
    except ConfigurationError as error:
        return refuse("alerts", error)
    if not webhooks:
        return refuse("alerts", "the configuration has no alerts.webhooks")
    unknown = [name for name in args.webhook if name not in webhooks]
    if unknown:
        return refuse("alerts", f"there is no webhook {unknown[0]!r}; there are: {', '.join(webhooks)}")
    chosen = args.webhook or list(webhooks)
    sinks = {name: WebhookSink(name, webhooks[name], time.time, lambda *_: None) for name in chosen}
    return asyncio.run(_tested(sinks))


async def _tested(sinks: dict[str, WebhookSink]) -> int:
    all_told = True
    for name, sink in sinks.items():
        try:
            status = await sink.send(f"test_{secrets.token_hex(16)}", sample(time.time()))
        except Unreached as error:
            said, told = _SAID[error.kind], False
        else:
            told = is_told(status)
            said = "took it" if told else f"answered with status {status}"
        print(f"{name}: {said}")
        all_told = all_told and told
    return 0 if all_told else 1
