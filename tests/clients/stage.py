"""The stage of one client: a scripted upstream, the real gateway before it, a process in the client's environment."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.behaviours import BEHAVIOURS, configuration
from tests.clients.catalogue import ROOT
from tests.harness.gateway import EMBED_ONLY_KEY, Gateway
from tests.upstream import Upstream

_LIMIT = 240.0  # seconds for one process
_TAIL = 30  # lines shown of one that failed
# What would reach out of this machine finds nobody: an update check, a price list, telemetry.
_NOWHERE = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9"),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
}
_QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOG": "CRITICAL",
    "AI_SDK_LOG_WARNINGS": "false",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore",  # clients' own affairs
}


class Failed(Exception):
    """A process did not end well; the message is what it said last, `said` is all."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


@dataclass(frozen=True, slots=True)
class Stage:
    gateway: Gateway
    upstream: Upstream
    directory: Path  # of the client's processes: their home

    def run(self, command: Sequence[str | Path], *, path: Path, more: Mapping[str, str] | None = None) -> str:
        """What the command prints; `path` is where its programs are. Raises `Failed`."""
        environment = {
            "PATH": f"{path}:{os.environ['PATH']}",
            "HOME": str(self.directory),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "TIDEGATE_STAGE": json.dumps(self._told()),
            **_NOWHERE,
            **_QUIET,
            **(more or {}),
        }
        try:
            done = subprocess.run(
                [str(word) for word in command],
                cwd=self.directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"still running after {_LIMIT:.0f} s") from None
        if done.returncode != 0:
            said = done.stdout + done.stderr
            last = said.splitlines()[-_TAIL:]
            raise Failed("\n".join([f"ended with status {done.returncode}:", *last]), said)
        return done.stdout

    def _told(self) -> dict[str, Any]:
        behaviours = [
            {"name": item.name, "needs": item.needs, "whole": item.whole, "streamed": item.streamed}
            for item in BEHAVIOURS
        ]
        return {
            "root": self.gateway.root,
            "key": self.gateway.key,
            "embed_only_key": EMBED_ONLY_KEY,
            "upstream": f"http://127.0.0.1:{self.upstream.port}",
            "behaviours": behaviours,
        }


@contextlib.contextmanager
def stage(directory: Path) -> Iterator[Stage]:
    home, house = directory / "client", directory / "gateway"
    home.mkdir()
    house.mkdir()
    with Upstream("local-model") as upstream:
        with Gateway(house, json.dumps(configuration(upstream))) as gateway:
            yield Stage(gateway, upstream, home)
        assert upstream.stumbles == []
