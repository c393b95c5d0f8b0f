"""The listening socket: bound here, or handed over by whoever started the gateway (systemd's socket activation).

A socket that was handed over outlives the gateway: whoever connects while no gateway runs waits for the next one.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import MutableMapping
from typing import Final

from gateway.config.settings import Server
from gateway.serving.refusal import CannotStart

BACKLOG: Final = 4096
_FIRST_HANDED: Final = 3  # sd_listen_fds(3)


def listening(server: Server, environ: MutableMapping[str, str] = os.environ) -> socket.socket:
    """Raises `CannotStart` where there is nothing to listen on."""
    return handed_over(environ) or bind(server.host, server.port, shared=server.reuse_port)


def handed_over(environ: MutableMapping[str, str]) -> socket.socket | None:
    """The socket that `LISTEN_FDS` speaks of, where it is meant for this process; its children hear nothing of it."""
    said = {name: environ.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")}
    if said["LISTEN_PID"] != str(os.getpid()):
        return None
    if said["LISTEN_FDS"] != "1":
        raise CannotStart(f"one socket is needed, LISTEN_FDS hands over {said['LISTEN_FDS']}: leave one in the unit")
    try:
        listener = socket.socket(fileno=_FIRST_HANDED)
    except OSError as error:
        raise CannotStart(f"LISTEN_FDS speaks of a socket that is none: {error.strerror}") from error
    if listener.type != socket.SOCK_STREAM or not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise CannotStart("the socket of LISTEN_FDS listens to nothing: the unit needs ListenStream=")
    listener.set_inheritable(False)
    listener.setblocking(False)
    return listener


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """`shared`: others of the same user may listen there too. Raises `CannotStart` where the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.ExitStack() as failed:
            listener = failed.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
            failed.pop_all()
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {host}:{port}: {error.strerror or error}; another port: tidegate serve --port N"
        ) from error
    listener.setblocking(False)
    return listener
