"""One system of a run: started, known to be ours, warmed up, stopped."""

from __future__ import annotations

import http.client
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.load import generator, proc, prompts
from bench.load.child import Child
from bench.load.ground import Ground, NotStarted, ask
from bench.load.options import Options
from bench.load.registry import Spec
from bench.load.template import Templates

HERE = Path(__file__).parent
MARKER = "PONG-OK"  # in every whole answer of the upstream
_LOOK = 0.02  # seconds between two looks whether it is ready
_SETTLE = 1.0  # seconds until memory is read
_WARMUP = 400  # requests at most


@dataclass(frozen=True, slots=True)
class Start:
    """`ready`: seconds to the first answer. `used`: MB, one second after one request of each kind and the probes."""

    ready: float
    used: float


class System:
    """Raises `KeyError` where its entry names something that there is not."""

    def __init__(self, name: str, spec: Spec, ground: Ground, options: Options) -> None:
        self.name, self.spec = name, spec
        self._ground, self._options = ground, options
        self.workers = spec.workers or options.workers
        self._values_given = spec.several if self.workers > 1 and spec.several else spec.values
        self._needs_redis = spec.redis or self._values_given is not spec.values
        self.pinned = spec.pinned and self.workers == 1
        self.port = ground.ports.free() if spec.command else ground.upstream_port
        self.folder = ground.folder / name
        self.bodies = prompts.write(self.folder / "bodies", spec.model)
        self._templates = Templates(self._values(), HERE / "conf", self.folder)
        self.headers = {key: self._templates.fill(value) for key, value in spec.headers.items()}
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        """Of what is measured: the upstream itself, where there is no gateway."""
        return self._child.pid if self._child else self._ground.upstream.pid

    def start(self) -> Start:
        """Returns when it has answered one request of each kind. Raises `NotStarted`."""
        if not self.spec.command:
            return Start(0.0, proc.pss_mb(self.pid))
        command = [self._templates.fill(part) for part in self.spec.command]
        missing = [part for part in command[:2] if part.startswith("/") and not Path(part).exists()]
        if missing or shutil.which(command[0]) is None:
            raise NotStarted(f"not installed: {(missing or command)[0]}")
        if self._needs_redis:
            self._ground.need_redis()
        own = {key: self._templates.fill(value) for key, value in self.spec.settings.items()}
        cpus = self._ground.gateway_cpus if self.pinned else ()
        self._ground.set_upstream("d0")
        begun = time.monotonic()
        self._child = Child(command, cpus=cpus, own=own, log=self.folder / "log", folder=self.folder)
        self._ground.adopt(self._child)
        try:
            ready = self._until_ready(self._child, begun)
            for kind in ("stream", "long"):  # so that nothing is left to be loaded at first use
                self._ask(kind)
            for path in self.spec.probes:
                self._probe(path)
        except (OSError, http.client.HTTPException) as error:
            raise NotStarted(f"not ready: {error!r}; {self._last_words()}") from error
        time.sleep(_SETTLE)
        return Start(ready, proc.pss_mb(self.pid))

    def idle(self) -> float:
        """MB, after a time in which nobody asked it anything."""
        time.sleep(self._options.rest)
        return proc.pss_mb(self.pid)

    def stop(self) -> None:
        if self._child:
            self._child.stop()
            self._child = None

    def warm_up(self) -> None:
        """Connections, lazy imports, caches of the interpreter: not measured. Says so where it fails."""
        for body in ("chat", "stream"):
            load = generator.Load(8, self._options.prewarm, count=_WARMUP, streamed=body == "stream", expect=MARKER)
            report = generator.run(self._ground, self.port, self.spec.path, self.bodies[body], self.headers, load)
            if report["bad"]:
                print(f"! {self.name}: {report['bad']:.0f} bad answers while warming up with {body}")

    def _until_ready(self, child: Child, begun: float) -> float:
        last, ours = "nobody listens", False
        while time.monotonic() - begun < self.spec.patience:
            if child.ended is not None:
                raise NotStarted(f"ended with status {child.ended}; {self._last_words()}")
            ours = ours or proc.owns(child.pid, self.port)
            if ours:
                try:
                    status, answer = self._ask("chat")
                except (OSError, http.client.HTTPException) as error:
                    last = repr(error)
                else:
                    if MARKER.encode() in answer:
                        return time.monotonic() - begun
                    last = f"{status} {answer[:200]!r}"
            time.sleep(_LOOK)
        raise NotStarted(f"not ready: {last}; {self._last_words()}")

    def _probe(self, path: str) -> None:
        status, answer = ask(self.port, path)
        if status != 200:
            raise NotStarted(f"{path}: {status} {answer[:200]!r}")

    def _ask(self, kind: str) -> tuple[int, bytes]:
        body = self.bodies[kind].read_bytes().partition(b"\n")[0]
        return ask(self.port, self.spec.path, body, {"content-type": "application/json", **self.headers})

    def _last_words(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").split("\n")
        return "its log ends: " + " / ".join(line.strip() for line in lines[-8:] if line.strip())[-600:]

    def _values(self) -> dict[str, str]:
        fixed = {
            "port": self.port,
            "port2": self._ground.ports.free(),
            "up": self._ground.upstream_port,
            "redis": self._ground.redis_port,
            "tmp": self.folder,
            "workers": self.workers,
            "env": self._options.env,
            "here": HERE,
            "root": HERE.parents[1],
            "venv": Path(sys.executable).parent,
            "name": self.name,
        }
        return {key: str(value) for key, value in fixed.items()} | dict(self._values_given)
