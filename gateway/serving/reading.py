"""Reading the configuration in a process of its own: what it takes to check one (pydantic, YAML) goes when it ends.

The parent then holds plain settings and nothing else, for as long as the gateway runs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.config.loaded import Loaded
from gateway.config.plain import decoded
from gateway.config.problems import ConfigurationError, Problem


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of it: the configuration, or everything that is wrong with it."""

    loaded: Loaded | None
    problems: tuple[Problem, ...] = ()


class Reader:
    """Reads `path`, or what there is without one, each time it is called. `overrides` are those of `load`."""

    def __init__(self, path: Path | None, overrides: Mapping[str, str]) -> None:
        self._shown = str(path or "tidegate.yaml")
        self._arguments = json.dumps({"path": path and str(path), "overrides": dict(overrides)})

    async def __call__(self) -> Loaded:
        """Raises `ConfigurationError` with all problems."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "gateway.serving.reading_child", self._arguments),
                stdin=DEVNULL,
                stdout=PIPE,
                start_new_session=True,  # Ctrl-C and SIGHUP are for the parent
            )
        except OSError as error:
            raise self._failed(error.strerror or type(error).__name__) from error
        try:
            answer, _ = await process.communicate()
        finally:
            if process.returncode is None:  # the gateway ends meanwhile
                process.kill()
                await process.wait()
        try:
            reading = decoded(answer, Reading)
        except ValueError:
            reading = Reading(None)
        if reading.loaded is not None:
            return reading.loaded
        if reading.problems:
            raise ConfigurationError(reading.problems)
        raise self._failed(f"status {process.returncode}")

    def _failed(self, why: str) -> ConfigurationError:
        return ConfigurationError([Problem(self._shown, None, None, "", f"the process that reads it failed: {why}")])
