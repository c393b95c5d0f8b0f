"""A name server for a test: every name has the same address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_A = b"\0\1"  # the type of records that hold an IPv4 address (RFC 1035, section 3.2.2)
_LOOK_UP = 0.05  # seconds between two looks at whether it is over


@contextmanager
def name_server(address: str) -> Iterator[None]:
    """At port 53 of `address`, in the namespace of this thread; that address is also what it says of every name."""
    over = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        server.settimeout(_LOOK_UP)
        thread = threading.Thread(target=_serve, args=(server, socket.inet_aton(address), over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _serve(server: socket.socket, address: bytes, over: threading.Event) -> None:
    while not over.is_set():
        try:
            query, client = server.recvfrom(512)
        except TimeoutError:
            continue
        server.sendto(_answer(query, address), client)


def _answer(query: bytes, address: bytes) -> bytes:
    """The question again, and behind it the one record, which points back to the name. Of IPv6 there is none."""
    question = query[12 : query.index(b"\0", 12) + 5]
    records = 1 if question[-4:-2] == _A else 0
    head = query[:2] + b"\x81\x80" + b"\0\1" + bytes((0, records)) + bytes(4)
    return head + question + (b"\xc0\x0c" + _A + b"\0\1" + bytes(4) + b"\0\4" + address) * records
