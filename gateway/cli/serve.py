"""`tidegate serve`: the gateway itself."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.serving.embedded_child import dump_no_core
from gateway.serving.models import ModelError
from gateway.serving.reading import Reader
from gateway.serving.refusal import CannotStart
from gateway.serving.supervisor import Supervisor
from gateway.telemetry import logs


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the shipped one")
    parser.add_argument("--host", help="default: server.host of the configuration, 127.0.0.1")
    parser.add_argument("--port", help="default: server.port of the configuration, 8080; 0 takes a free one")
    parser.add_argument("--workers", help="default: server.workers of the configuration, 1")


def run(args: argparse.Namespace) -> int:
    overrides = {f"server.{name}": value for name in ("host", "port", "workers") if (value := getattr(args, name))}

    reader = Reader(args.config, overrides)

    async def read() -> Loaded:
        loaded = await reader()
        for warning in loaded.warnings:
            say(str(warning))
        return loaded

    logs.configure()
    dump_no_core()  # nor do the processes that this one starts: all of them hold keys
    try:
        asyncio.run(Supervisor(read, say).run())
    except (ConfigurationError, ModelError, CannotStart) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def say(line: str) -> None:
    print(line, flush=True)
