"""Capture: every packet on an interface, taken by tcpdump, and what stood in them."""

from __future__ import annotations

import signal
import struct
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.harness.wait import until

_STOP_SECONDS = 10.0
_BUFFER = "65536"  # KiB; a slot of it takes 64 of them, and a busy machine fills the usual 32 slots at once
_ETHERNET, _IPV4, _TCP, _UDP, _DNS = 1, 0x0800, 6, 17, 53


@dataclass(slots=True)
class Capture:
    """`packets` as they were on the wire. Read once the capture has ended."""

    packets: list[bytes] = field(default_factory=list)

    @property
    def streams(self) -> dict[tuple[bytes, int], bytes]:
        """What went through each TCP connection, by address and ports, put together as it was sent."""
        parts: defaultdict[tuple[bytes, int], dict[int, bytes]] = defaultdict(dict)
        for protocol, ends, segment in self._datagrams():
            if protocol == _TCP and len(data := segment[segment[12] >> 4 << 2 :]) > 0:
                (number,) = struct.unpack_from("!I", segment, 4)
                parts[ends][number] = data
        return {ends: b"".join(data for _, data in sorted(pieces.items())) for ends, pieces in parts.items()}

    @property
    def names(self) -> set[str]:
        """What the name server was asked for."""
        asked = set()
        for protocol, _, segment in self._datagrams():
            if protocol == _UDP and _DNS in struct.unpack_from("!HH", segment):
                asked.add(name_in(segment[8:]))
        return asked

    def _datagrams(self) -> Iterator[tuple[int, tuple[bytes, int], bytes]]:
        """Protocol, where from and to, and what is in each IPv4 packet."""
        for packet in self.packets:
            (kind,) = struct.unpack_from("!H", packet, 12)
            if kind == _IPV4:
                size = (packet[14] & 15) << 2
                (length,) = struct.unpack_from("!H", packet, 16)
                segment = packet[14 + size : 14 + length]
                (ports,) = struct.unpack_from("!I", segment) if len(segment) >= 4 else (0,)
                yield packet[23], (packet[26:34], ports), segment


def name_in(query: bytes) -> str:
    """The name in a question of DNS (RFC 1035, section 4.1.2)."""
    labels, at = [], 12
    while size := query[at]:
        labels.append(query[at + 1 : at + 1 + size].decode("ascii"))
        at += 1 + size
    return ".".join(labels)


@contextmanager
def captured(interface: str, file: Path, count: Callable[[], int]) -> Iterator[Capture]:
    """From the namespace of this thread. None may be dropped, and it ends when all are in that passed the interface,
    which counts them itself: `count`.
    """
    capture = Capture()
    before = count()
    words = [
        "tcpdump",
        "-i",
        interface,
        "-w",
        str(file),
        "-s",
        "0",
        "-U",
        "--immediate-mode",
        "-B",
        _BUFFER,
        "-Z",
        "root",
    ]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            started = process.stderr.readline()
            while started and "listening on" not in started:
                started = process.stderr.readline()
            assert started, "tcpdump did not start"
            yield capture
            passed = count() - before
            until(f"{passed} packets to be written down", lambda: len(packets_in(file.read_bytes())) >= passed)
        finally:
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=_STOP_SECONDS)
    assert "\n0 packets dropped by kernel" in f"\n{told}", told
    capture.packets += packets_in(file.read_bytes())


def packets_in(data: bytes) -> list[bytes]:
    """Those in a file of libpcap's (datatracker.ietf.org/doc/draft-ietf-opsawg-pcap), in this machine's order."""
    packets = list[bytes]()
    if len(data) < 24:  # its head is still to come
        return packets
    magic, _, _, _, _, _, kind = struct.unpack_from("=IHHiIII", data)
    assert (magic, kind) == (0xA1B2C3D4, _ETHERNET)
    at = 24
    while at + 16 <= len(data):
        _, _, kept, size = struct.unpack_from("=IIII", data, at)
        assert kept == size
        if at + 16 + kept > len(data):
            break
        packets.append(data[at + 16 : at + 16 + kept])
        at += 16 + kept
    return packets
