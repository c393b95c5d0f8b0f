"""A worker: one process with one event loop that serves. `python -m gateway.serving.worker ARGUMENTS`, by the parent.

It gets the listening socket and a control socket as file descriptors, and its configuration as a line on the control
socket. More lines follow: other configurations, and when and how to leave (`orders.py`). When that socket ends, the
parent is gone, and the worker finishes what it has and goes too.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys

import orjson
import uvicorn

from gateway.app import Gateway, Generation
from gateway.config.snapshot import Snapshot
from gateway.serving.embedded_child import dump_no_core
from gateway.serving.http.protocol import HttpProtocol
from gateway.serving.memory import give_back, settle, tidy
from gateway.serving.orders import Order, farewell, order_in
from gateway.serving.server import Server
from gateway.telemetry import last_words, logs
from gateway.telemetry.metrics import Metrics

KEEP_ALIVE_SECONDS = 75  # longer than the idle time of the SDKs' connection pools (openai: 5 s; most proxies: 60 s)
METRICS_SECONDS = 0.05  # how far a scrape answered by another worker may lag; a killed worker loses as much
MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024
_log = logging.getLogger("gateway.serving.worker")  # also where it runs as `__main__`


class Worker:
    def __init__(self, listener: socket.socket, control: socket.socket, name: str) -> None:
        self._listener = listener
        self._control = control
        self._name = name
        self._retiring: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        reader, writer = await asyncio.open_connection(sock=self._control, limit=MAX_SNAPSHOT_BYTES)
        line = await reader.readline()
        if not line:
            return
        snapshot = Snapshot.from_json(line)
        _set_up_logs(snapshot)
        loop = asyncio.get_running_loop()
        metrics = Metrics(lambda work: loop.call_later(METRICS_SECONDS, work))
        gateway = Gateway(snapshot, worker=self._name, metrics=metrics)
        await gateway.start()
        server = Server(_uvicorn_config(gateway))
        settle()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _leave, gateway, server, "stop")
        follower = loop.create_task(self._follow(reader, writer, gateway, server))
        try:
            await server.serve(sockets=[self._listener])
        finally:
            follower.cancel()
            for task in self._retiring:
                task.cancel()
            await gateway.close()
            writer.close()

    async def _follow(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gateway: Gateway, server: Server
    ) -> None:
        """Says when it serves, then does what its parent says, until the parent is gone."""
        await server.ready.wait()
        _tell(writer, gateway.current.number)
        while line := await reader.readline():
            order = order_in(line)
            if order is not None:
                _leave(gateway, server, order)
                continue
            try:
                self._adopt(gateway, Snapshot.from_json(line))
            except Exception:  # noqa: BLE001  # whatever it is, orders have to be heard after it
                _log.exception("worker %s keeps configuration %d", self._name, gateway.current.number)
            else:
                _tell(writer, gateway.current.number)
        if not server.is_leaving:
            _log.warning("the parent process is gone: worker %s finishes its requests and ends", self._name)
        _leave(gateway, server, "orphaned")

    def _adopt(self, gateway: Gateway, snapshot: Snapshot) -> None:
        before = gateway.adopt(snapshot)
        _set_up_logs(snapshot)
        give_back()
        task = asyncio.get_running_loop().create_task(retire(gateway, before))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)


async def retire(gateway: Gateway, generation: Generation) -> None:
    """Once its last request is over, nothing stays of it."""
    await gateway.retire(generation)
    del generation
    tidy()


def _leave(gateway: Gateway, server: Server, order: Order) -> None:
    if order == "hurry":
        server.hurry()
        return
    if order not in {"replaced", "handed_over"}:  # else the gateway as a whole goes on
        gateway.is_ready = False
    server.leave(farewell(order, gateway.current.loaded.settings.server))


def _tell(writer: asyncio.StreamWriter, number: int) -> None:
    writer.write(orjson.dumps({"serving": number}) + b"\n")


def _set_up_logs(snapshot: Snapshot) -> None:
    log = snapshot.loaded.settings.log
    logs.configure(log.level, log.format, requests=log.requests)


def _uvicorn_config(gateway: Gateway) -> uvicorn.Config:
    return uvicorn.Config(
        gateway.asgi,
        loop="uvloop",
        http=HttpProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


def main() -> None:
    arguments = orjson.loads(sys.argv[1])
    logs.configure()
    dump_no_core()
    listener = socket.socket(fileno=arguments["listener"])
    control = socket.socket(fileno=arguments["control"])
    control.setblocking(False)
    worker = Worker(listener, control, arguments["name"])
    with last_words.logged():
        loop = uvicorn.Config(app="").get_loop_factory()
        runner = asyncio.Runner(loop_factory=loop)
        runner.run(worker.run())
    # The books are closed. What may still run is a thread that loads a library or waits for a database, and to take a
    # large library apart takes as long as to load it: nobody should wait for either.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
