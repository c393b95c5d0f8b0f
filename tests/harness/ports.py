"""Ports of the loopback address for servers that are started a moment later."""

from __future__ import annotations

import random
import socket

_LOWEST = 10_000
_HIGHEST = 32_000  # above, kernels take ports of their own choice for the clients of other tests


def free_port() -> int:
    """One that nobody listens on, and that no outgoing connection is given until it is listened on."""
    while True:
        port = random.SystemRandom().randint(_LOWEST, _HIGHEST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
