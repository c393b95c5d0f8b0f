"""Taken: whether the other side of a connection may have got all that was sent, so that it may be at work on it.

A server that closes an idle connection refuses what comes later: nothing of it is acknowledged. One that has read a
request and then fails has acknowledged it, and may charge for it. Where a connection is reset in the midst nobody can
tell, since Linux may put an acknowledgement off.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import Final

# struct tcp_info of <linux/tcp.h>: tcpi_bytes_acked, then, 80 bytes on, tcpi_bytes_sent and tcpi_bytes_retrans. The
# first counts the SYN too. Since Linux 4.19.
_ACKED, _SENT = 120, 200
_SIZE: Final = 216
_COUNT: Final = struct.Struct("=Q")
_COUNTS: Final = struct.Struct("=QQ")


def may_be_taken(transport: asyncio.BaseTransport, written: int, *, is_reset: bool) -> bool:
    """`written`: bytes given to the transport, all in all; `is_reset`: how it ended. False where the system does not
    tell.

    Over TLS more is sent than was written, so that a request of which nothing was sent may pass for one that was taken.
    """
    if sys.platform != "linux":
        return False
    sock = transport.get_extra_info("socket")
    if sock is None or sock.family == socket.AF_UNIX:
        return False
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE)
    except OSError:
        return False
    if len(info) < _SIZE:
        return False
    acked: int = _COUNT.unpack_from(info, _ACKED)[0] - 1
    sent, again = _COUNTS.unpack_from(info, _SENT)
    if acked < sent - again:
        return is_reset
    return acked >= written
