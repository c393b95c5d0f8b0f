"""Outcomes: one client, built, run and judged."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.clients.catalogue import SCRIPTS, Client
from tests.clients.environment import NotBuilt, environment_of, node
from tests.clients.snippets import Snippet, snippets_of
from tests.clients.stage import Failed, Stage, stage
from tests.clients.verdict import Sight, wrong_with


@dataclass(frozen=True, slots=True)
class Outcome:
    client: str
    version: str
    passed: int
    failures: tuple[str, ...]
    sights: tuple[Sight, ...] = ()

    @property
    def line(self) -> str:
        return f"{self.client} {self.version}: {self.passed} passed, {len(self.failures)} failed"


def outcome_of(client: Client) -> Outcome:
    """Builds what is missing and runs it all. Failures are told in the outcome; nothing is raised."""
    try:
        environment = environment_of(client)
        programs = node() if client.language == "node" else environment / "bin"
    except NotBuilt as failure:
        return Outcome(client.name, "", 0, (f"its environment could not be made: {failure}",))
    lines: list[str] = []
    ran: list[tuple[str, str | None]] = []
    broken: list[str] = []
    try:
        with tempfile.TemporaryDirectory(prefix="tidegate-client-") as directory, stage(Path(directory)) as scene:
            report = Path(directory) / "report"
            try:
                _run_script(client, programs, environment, scene, report)
            except Failed as failure:
                broken.append(f"its script {failure}")
            lines += report.read_text(encoding="utf-8").splitlines() if report.exists() else []
            ran += [
                (f"docs/clients.md, line {snippet.line}", _run_snippet(snippet, programs, environment, scene))
                for snippet in snippets_of(client)
            ]
    except AssertionError as failure:  # the gateway or the upstream: it did not start, end, or do as it should
        broken.append(f"behind it: {failure}")
    return judged(client, lines, ran, broken)


def judged(client: Client, lines: list[str], ran: list[tuple[str, str | None]], broken: list[str]) -> Outcome:
    version, passed, failures, sights = "", 0, broken, []
    results: list[tuple[str, str | None]] = []
    for line in map(json.loads, lines):
        if "version" in line:
            version = line["version"]
        elif "check" in line:
            results.append((line["check"], line["failure"]))
        else:
            sight = Sight(**line)
            sights.append(sight)
            results.append((sight.name, wrong_with(client, sight)))
    if not sights:
        failures.append("nothing was tried")
    for name, failure in [*results, *ran]:
        if failure is None:
            passed += 1
        else:
            failures.append(f"{name}: {failure}")
    return Outcome(client.name, version, passed, tuple(failures), tuple(sights))


def _run_script(client: Client, programs: Path, environment: Path, scene: Stage, report: Path) -> None:
    told = {"TIDEGATE_REPORT": str(report)}
    if client.language == "python":
        scene.run([programs / "python", "-m", f"tests.clients.scripts.{client.script}"], path=programs, more=told)
        return
    _lay_node_modules(environment, scene.directory)
    for name in ("report.mjs", f"{client.script}.mjs"):
        shutil.copy(SCRIPTS / name, scene.directory)
    scene.run([programs / "node", f"{client.script}.mjs"], path=programs, more=told)


def _run_snippet(snippet: Snippet, programs: Path, environment: Path, scene: Stage) -> str | None:
    """What is wrong with it, or None. It must print the answer."""
    program = snippet.program(scene.gateway.root, scene.gateway.key)
    try:
        if snippet.language == "python":
            said = scene.run([programs / "python", "-c", program], path=programs)
        elif snippet.language == "sh":
            said = scene.run(["sh", "-eu", "-c", program], path=programs)
        else:
            _lay_node_modules(environment, scene.directory)
            (scene.directory / "snippet.mjs").write_text(program, encoding="utf-8")
            said = scene.run([programs / "node", "snippet.mjs"], path=programs)
    except Failed as failure:
        return str(failure)
    return None if "local-model says: read" in said else f"printed {said!r}"


def _lay_node_modules(environment: Path, directory: Path) -> None:
    """Node looks for packages beside the file that asks for them."""
    link = directory / "node_modules"
    if not link.exists():
        link.symlink_to(environment / "node_modules")
