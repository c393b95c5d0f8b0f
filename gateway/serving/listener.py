"""The listening socket: bound here, or handed over by whoever started the gateway (systemd's socket activation).

A socket that was handed over outlives the gateway: whoever connects while no gateway runs waits for the next one.
One that is shared goes with it, and with it those whom the kernel has let in but nobody has met yet. So whoever is
going gives way first: Linux then lets nobody in at its door while there is another.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
from collections.abc import MutableMapping
from typing import Final

from gateway.config.settings import Server
from gateway.serving.refusal import CannotStart

BACKLOG: Final = 4096
_ATTACH_CHOICE: Final = 51  # SO_ATTACH_REUSEPORT_CBPF: socket(7)
_RETURN: Final = 0x06  # BPF_RET | BPF_K: linux/filter.h
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


def give_way(listener: socket.socket) -> None:
    """New connections go to the one that has come to listen at the same port since, if there is one."""
    _choose(listener, 1)


def _choose(listener: socket.socket, place: int) -> None:
    """Who of those at one port gets new connections: in the order in which they came, and whoever is left where there
    is none in that place. Where the kernel knows nothing of it, it deals them out."""
    program = ctypes.create_string_buffer(struct.pack("=HBBI", _RETURN, 0, 0, place))
    with contextlib.suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _ATTACH_CHOICE, struct.pack("@HP", 1, ctypes.addressof(program)))


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
            if shared:
                _choose(listener, 0)
            failed.pop_all()
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {host}:{port}: {error.strerror or error}; another port: tidegate serve --port N"
        ) from error
    listener.setblocking(False)
    return listener
