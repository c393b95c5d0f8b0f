"""The parent of all workers. It owns the listening socket, the embedded models, the configuration and the signals.

    bind ─► embedded models ─► snapshot ─► workers ─► ready ─► (SIGHUP: next snapshot) ─► SIGTERM: drain and go

It serves no request itself. What needs more than it has at hand (reading the configuration, moving journals into the
ledger) is done by processes that end when they are done.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from gateway.access.generated import KEY_NAME, generated_key
from gateway.access.place import access_secret
from gateway.config.kinds import Secret
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.config.settings import Deployment, Key
from gateway.config.snapshot import Endpoint, Snapshot
from gateway.conversations.key import sealing_key
from gateway.learning.key import capture_key
from gateway.serving.draining import Draining
from gateway.serving.embedded import EmbeddedModel
from gateway.serving.heads import HeadWatch
from gateway.serving.learning import Schedule
from gateway.serving.models import ModelError, resolve
from gateway.serving.worker_process import WorkerDied, WorkerProcess
from gateway.telemetry import logs
from gateway.telemetry.shared import forget, prepare

BACKLOG = 4096
DRAIN_SECONDS = 30.0  # what requests get to end with an embedded model that a new configuration has no use for
Say = Callable[[str], None]
Load = Callable[[], Awaitable[Loaded]]


Running = tuple[Deployment, EmbeddedModel, asyncio.Task[None]]


class CannotStart(Exception):
    """Said to the operator, with a remedy; the gateway does not start."""


class Supervisor:
    """`load` reads the configuration, at the start and at each SIGHUP; `say` takes lines for a person."""

    def __init__(self, load: Load, say: Say) -> None:
        self._load = load
        self._say = say
        self._number = 0
        self._models: dict[str, Running] = {}
        self._workers: list[WorkerProcess] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._line = b""
        self._reloading = asyncio.Lock()
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT. Raises `ConfigurationError`, `ModelError` or `CannotStart`."""
        loaded = await self._load()
        settings = loaded.settings
        logs.configure(settings.log.level, settings.log.format)
        try:
            loaded.state_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CannotStart(f"cannot make the state directory {loaded.state_directory}: {error.strerror}") from error
        loaded = self._loaded = with_keys(loaded)
        listener = bind(settings.server.host, settings.server.port)
        self._handle_signals(loaded)
        draining = Draining(loaded, self._say)
        try:
            self._line, _ = await self._snapshot(loaded)
            draining.start()
            await self._start_workers(loaded, listener)
            self._start_learning()
            self._say(ready_text(loaded, listener))
            await self._stop.wait()
            self._say("stopping: requests in flight are finished first")
        finally:
            await self._end(listener)
            await draining.finish()

    def _handle_signals(self, loaded: Loaded) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)

        def hang_up() -> None:
            self._tasks.append(loop.create_task(self._reload(loaded)))

        loop.add_signal_handler(signal.SIGHUP, hang_up)

    async def _snapshot(self, loaded: Loaded) -> tuple[bytes, list[Running]]:
        """The configuration as workers get it, the embedded models it names running, and those it has no use for."""
        wanted = {n: d for n, d in loaded.settings.deployments.items() if d.engine == "embedded" and not d.asleep}
        kept = {n: r for n, r in self._models.items() if n in wanted and _model_of(r[0]) == _model_of(wanted[n])}
        new = [name for name in wanted if name not in kept]
        started = {name: await self._embedded(name, wanted[name], loaded) for name in new}
        results = await asyncio.gather(*(model.start() for model in started.values()), return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            await asyncio.gather(*(model.stop() for model in started.values()))
            raise failures[0]
        loop = asyncio.get_running_loop()
        unused = [running for name, running in self._models.items() if name not in kept]
        self._models = kept | {n: (wanted[n], m, loop.create_task(m.supervise())) for n, m in started.items()}
        self._number += 1
        endpoints = {name: Endpoint(model.base_url, model.api_key) for name, (_, model, _) in self._models.items()}
        return Snapshot(self._number, loaded, endpoints).to_json(), unused

    async def _embedded(self, name: str, deployment: Deployment, loaded: Loaded) -> EmbeddedModel:
        """In a thread: it may be fetched, and meanwhile workers that die are started again."""
        path = await asyncio.to_thread(resolve, deployment.model, loaded.state_directory / "models", self._say)
        self._say(f"starting the embedded model {name}: {path.name}")
        return EmbeddedModel(name, path, context=deployment.context, slots=deployment.slots, log=self._say)

    async def _start_workers(self, loaded: Loaded, listener: socket.socket) -> None:
        count = loaded.settings.server.workers
        environment, on_exit = _metrics_of_several(loaded) if count > 1 else ({}, lambda _: None)
        self._workers = [
            WorkerProcess(str(number), listener, lambda: self._line, environment, self._say, on_exit)
            for number in range(1, count + 1)
        ]
        try:
            await asyncio.gather(*(worker.start() for worker in self._workers))
        except WorkerDied as error:
            raise CannotStart(f"{error}: what it said stands above") from error
        loop = asyncio.get_running_loop()
        self._tasks += [loop.create_task(worker.supervise()) for worker in self._workers]

    def _start_learning(self) -> None:
        """Another head that was put in service is noticed; and it is learned, where the configuration says so."""
        loop = asyncio.get_running_loop()
        watch = HeadWatch(self._loaded.state_directory, self._renew)
        schedule = Schedule(lambda: self._loaded, self._say, time.time, random.random)
        self._tasks += [loop.create_task(watch.run()), loop.create_task(schedule.run())]

    async def _renew(self) -> None:
        """The same configuration once more: whoever takes it over reads heads anew."""
        async with self._reloading:
            self._line, _ = await self._snapshot(self._loaded)
            await asyncio.gather(*(self._tell(worker, self._line) for worker in self._workers))
            self._say(f"heads of difficulty have changed: configuration {self._number} is in force")

    async def _reload(self, first: Loaded) -> None:
        """A bad file keeps the configuration in force, and says why."""
        async with self._reloading:
            try:
                loaded = with_keys(await self._load())
                line, unused = await self._snapshot(loaded)
            except (ConfigurationError, ModelError) as error:
                self._say(f"the configuration was not reloaded; the one in force stays:\n{error}")
                return
            self._line, self._loaded = line, loaded
            for what in _needs_restart(first, loaded):
                self._say(f"a change of {what} takes a restart")
            await asyncio.gather(*(self._tell(worker, line) for worker in self._workers))
            loop = asyncio.get_running_loop()
            self._tasks += [loop.create_task(_stop_model(running, DRAIN_SECONDS)) for running in unused]
            self._say(f"configuration {self._number} is in force")

    async def _tell(self, worker: WorkerProcess, line: bytes) -> None:
        try:
            await worker.tell(line)
        except WorkerDied as error:
            self._say(f"{error}; it takes the new one when it is started again")

    async def _end(self, listener: socket.socket) -> None:
        listener.close()  # first: whoever connects while requests are finished is refused, not left waiting
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(_stop_model(running) for running in self._models.values()))


def bind(host: str, port: int) -> socket.socket:
    """The listening socket. Raises `CannotStart` where the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.ExitStack() as failed:
            listener = failed.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
            failed.pop_all()
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {host}:{port}: {error.strerror or error}; another port: tidegate serve --port N"
        ) from error
    listener.setblocking(False)
    return listener


def with_keys(loaded: Loaded) -> Loaded:
    """The keys that a configuration leaves out, generated: a virtual one, so that nothing is ever served to just
    anybody, and those that stored keys are hashed with and stored responses and captured text sealed, so that none lies
    on the disk in the clear.
    """
    settings = loaded.settings
    if not settings.keys:
        key = Key(name=KEY_NAME, key=Secret(generated_key(loaded.state_directory)), role="admin")
        settings = replace(settings, keys=(key,))
    if not settings.access.secret.get_secret_value():
        settings = replace(settings, access=replace(settings.access, secret=Secret(access_secret(loaded))))
    responses = settings.responses
    if responses.enabled and not responses.key.get_secret_value():
        secret = Secret(sealing_key(loaded.state_directory))
        settings = replace(settings, responses=replace(responses, key=secret))
    learning = settings.learning
    if any(route.learning.capture for route in settings.routes.values()) and not learning.key.get_secret_value():
        settings = replace(settings, learning=replace(learning, key=Secret(capture_key(loaded))))
    return loaded if settings is loaded.settings else replace(loaded, settings=settings)


def ready_text(loaded: Loaded, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    url = f"http://{shown}:{port}/v1"
    first = loaded.settings.keys[0]
    generated = first.key.get_secret_value() if first.name == KEY_NAME and first.key else None
    key = generated or "$YOUR_KEY"
    route = "auto" if "auto" in loaded.settings.routes else next(iter(loaded.settings.routes))
    lines = [f"Tidegate is ready: {url}"]
    if generated:
        lines.append(f"key: {generated}")
    if loaded.settings.server.anonymous:
        open_to_this_machine = ", ".join(loaded.settings.server.anonymous)
        lines.append(f"without a key, for Ollama's clients on this machine: {open_to_this_machine}")
    messages = '[{"role": "user", "content": "What is the capital of France?"}]'
    lines.append(
        f"try:  curl -s {url}/chat/completions -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' "
        f"""-d '{{"model": "{route}", "messages": {messages}}}'"""
    )
    return "\n".join(lines)


async def _stop_model(running: Running, after: float = 0.0) -> None:
    """`after` seconds, for requests that are still with it; at once when the gateway ends."""
    _, model, task = running
    try:
        await asyncio.sleep(after)
    finally:
        await model.stop()
        await task


def _model_of(deployment: Deployment) -> tuple[object, ...]:
    return (deployment.model, deployment.context, deployment.slots)


def _metrics_of_several(loaded: Loaded) -> tuple[Mapping[str, str], Callable[[int], None]]:
    """One worker keeps its numbers in its own memory."""
    directory = loaded.state_directory / "metrics"
    return prepare(directory), lambda pid: forget(pid, directory)


def _needs_restart(before: Loaded, after: Loaded) -> list[str]:
    old, new = before.settings.server, after.settings.server
    changed = [f"server.{name}" for name in ("host", "port", "workers") if getattr(old, name) != getattr(new, name)]
    if before.state_directory != after.state_directory:
        changed.append("state")
    if before.ledger_url != after.ledger_url:
        changed.append("ledger.url")
    if before.settings.ledger.fsync != after.settings.ledger.fsync:
        changed.append("ledger.fsync")
    if before.settings.audit != after.settings.audit:
        changed.append("audit")
    return changed
