"""The parent of all workers. It owns the listening socket, the embedded models, the configuration and the signals.

    bind ─► embedded models ─► snapshot ─► workers ─► ready ─► (SIGHUP: next snapshot, SIGUSR2: other workers)
                                                            ─► SIGTERM: drain and go; again: break off and go

It serves no request itself. What needs more than it has at hand (reading the configuration, moving journals into the
ledger) is done by processes that end when they are done.
"""

from __future__ import annotations

import asyncio
import random
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
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
from gateway.serving.crew import Crew
from gateway.serving.draining import Draining
from gateway.serving.embedded import EmbeddedModel
from gateway.serving.heads import HeadWatch
from gateway.serving.learning import Schedule
from gateway.serving.listener import give_way, listening
from gateway.serving.models import ModelError, resolve
from gateway.serving.plate import Plate
from gateway.serving.refusal import CannotStart
from gateway.serving.worker_process import WorkerProcess
from gateway.telemetry import logs
from gateway.telemetry.shared import forget, prepare

DRAIN_SECONDS = 30.0  # what requests get to end with an embedded model that a new configuration has no use for
Say = Callable[[str], None]
Load = Callable[[], Awaitable[Loaded]]


Running = tuple[Deployment, EmbeddedModel, asyncio.Task[None]]


class Supervisor:
    """`load` reads the configuration, at the start and at each SIGHUP; `say` takes lines for a person."""

    def __init__(self, load: Load, say: Say) -> None:
        self._load = load
        self._say = say
        self._number = 0
        self._models: dict[str, Running] = {}
        self._crew = Crew(say)
        self._tasks: set[asyncio.Task[None]] = set()
        self._line = b""
        self._changing = asyncio.Lock()  # one change at a time: a configuration, or the workers
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
        listener = listening(settings.server)
        self._plate = Plate(loaded.state_directory)
        self._handle_signals(loaded)
        draining = Draining(loaded, self._say)
        starting = self._begin(self._start(loaded, listener, draining))
        stopping = self._begin(self._wait_for_the_end())
        try:
            await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                await starting
                await stopping
            self._say("stopping: requests in flight are finished first")
            if settings.server.reuse_port:
                give_way(listener)
        finally:
            await self._end(listener)
            await draining.finish()

    async def _start(self, loaded: Loaded, listener: socket.socket, draining: Draining) -> None:
        async with self._changing:  # a signal that comes meanwhile is heard afterwards
            self._line, _ = await self._snapshot(loaded)
            draining.start()
            environment, on_exit = _metrics_of_several(loaded)
            self._crew.hire = lambda name: WorkerProcess(
                name, listener, lambda: self._line, environment, self._say, on_exit
            )
            await self._crew.start(loaded.settings.server.workers)
            self._start_learning()
            self._plate.put_up()
            self._say(ready_text(loaded, listener))

    async def _wait_for_the_end(self) -> None:
        await self._stop.wait()

    def _begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _handle_signals(self, loaded: Loaded) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._begin(self._reload(loaded)))
        loop.add_signal_handler(signal.SIGUSR2, lambda: self._begin(self._replace_workers()))

    def _told_to_stop(self) -> None:
        if self._stop.is_set():
            self._say("stopping at once: requests in flight are broken off")
            self._crew.hurry()
        self._stop.set()

    async def _replace_workers(self) -> None:
        """One by one, while they serve: for another environment, less memory, a new release of the same settings."""
        async with self._changing:
            settings = self._loaded.settings
            failed = await self._crew.replace(settings.server, alone=not settings.redis.is_there)
            text = failed or f"the workers have been replaced: {len(self._crew.workers)}"
            self._say(text)
            self._plate.replaced(text, failed=bool(failed))

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

    def _start_learning(self) -> None:
        """Another head that was put in service is noticed; and it is learned, where the configuration says so."""
        self._begin(HeadWatch(self._loaded.state_directory, self._renew).run())
        self._begin(Schedule(lambda: self._loaded, self._say, time.time, random.random).run())

    async def _renew(self) -> None:
        """The same configuration once more: whoever takes it over reads heads anew."""
        async with self._changing:
            self._line, _ = await self._snapshot(self._loaded)
            await self._crew.tell(self._line)
            self._say(f"heads of difficulty have changed: configuration {self._number} is in force")

    async def _reload(self, first: Loaded) -> None:
        """A bad file keeps the configuration in force, and says why."""
        async with self._changing:
            try:
                loaded = with_keys(await self._load())
                line, unused = await self._snapshot(loaded)
            except (ConfigurationError, ModelError) as error:
                self._say(f"the configuration was not reloaded; the one in force stays:\n{error}")
                return
            self._line, self._loaded = line, loaded
            for what in _needs_restart(first, loaded):
                self._say(f"a change of {what} takes a restart")
            await self._crew.tell(line)
            for running in unused:
                self._begin(_stop_model(running, DRAIN_SECONDS))
            self._say(f"configuration {self._number} is in force")

    async def _end(self, listener: socket.socket) -> None:
        listener.close()
        changing = [task for task in self._tasks if not task.done()]
        for task in changing:
            task.cancel()
        await asyncio.gather(*changing, return_exceptions=True)
        server = self._loaded.settings.server
        await self._crew.leave(server.drain_delay + server.drain_limit)
        await asyncio.gather(*(_stop_model(running) for running in self._models.values()))
        self._plate.take_down()


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
    if loaded.settings.server.workers == 1:
        return {}, lambda _: None
    directory = loaded.state_directory / "metrics"
    return prepare(directory), lambda pid: forget(pid, directory)


_BOUND = ("host", "port", "workers", "reuse_port")


def _needs_restart(before: Loaded, after: Loaded) -> list[str]:
    old, new = before.settings.server, after.settings.server
    changed = [f"server.{name}" for name in _BOUND if getattr(old, name) != getattr(new, name)]
    if before.state_directory != after.state_directory:
        changed.append("state")
    if before.ledger_url != after.ledger_url:
        changed.append("ledger.url")
    if before.settings.ledger.fsync != after.settings.ledger.fsync:
        changed.append("ledger.fsync")
    if before.settings.audit != after.settings.audit:
        changed.append("audit")
    return changed
