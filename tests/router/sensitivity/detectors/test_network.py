"""Network and place: hosts of persons and exact places, not those of documentation."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.scanner import Scanner


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("he posted from 91.12.204.7", "IP"),
        ("login from 81.2.69.142", "IP"),
        ("2a02:8109:9c40:1a2b::90cd", "IP"),
        ("device 3c:22:fb:91:0a:7e is offline", "MAC"),
        ("address 2a02:8109:9f40:1a2b:3c4d:5e6f:7081:92a3", "IP"),
        ("connected as 2001:67c::5604:1", "IP"),
        ("blocked 6e40:4041:c617:e898:c11:40d2:c669:2eb4", "IP"),
        ("link local fe80::1c2d:3e4f:5a6b", "IP"),
        ("the phone is 3c22.fb9a.017e on the switch", "MAC"),
        ("MAC 3C-22-FB-9A-01-7E", "MAC"),
        ("she lives at 52.37182, 9.73211", "LOCATION"),
        ("GPS: 52°22'18.5\"N 9°43'55.6\"E", "LOCATION"),
        ("home location 52.37182° N, 9.73211° E", "LOCATION"),
    ],
)
def test_finds(scanner: Scanner, text: str, kind: str) -> None:
    assert kind in {finding.type for finding in scanner.scan(content_of_text(text)).findings}


@pytest.mark.parametrize(
    "text",
    [
        "10.4.17.23 - - [28/Nov/2026:10:22:33 +0000] GET / 200",
        "SHA256 fingerprint: " + ":".join(f"{number:02X}" for number in range(16, 240, 7)),
        "it took 12:30:45:10",
        "use 192.0.2.1, 198.51.100.7 or 203.0.113.9 in examples",
        "2001:db8:85a3::8a2e:370:7334 is for documentation",
        "the loopback ::1 and 127.0.0.1",
        "std::chrono::seconds and a::b::c",
        "at 12:30:45:10 the tape ends",
        "slice [1:2:3, 4:5:6]",
        "1234.5678.9012 is no hardware address, nor face.book.able",
        "Berlin lies at 52.5200, 13.4050",
    ],
)
def test_leaves_alone(scanner: Scanner, text: str) -> None:
    assert scanner.scan(content_of_text(text)).findings == ()
