"""If this fails, times in logs and fingerprints count as addresses, or addresses do not."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.scanner import Scanner


def types(text: str) -> set[str]:
    return {finding.type for finding in Scanner.default().scan(content_of_text(text)).findings}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("login from 81.2.69.142", "IP"),
        ("2a02:8109:9c40:1a2b:34cd:56ef:78ab:90cd", "IP"),
        ("2a02:8109:9c40:1a2b::90cd", "IP"),
        ("device 3c:22:fb:91:0a:7e is offline", "MAC"),
    ],
)
def test_addresses(text: str, kind: str) -> None:
    assert types(text) == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "10.4.17.23 - - [28/Nov/2026:10:22:33 +0000] GET / 200",
        "SHA256 fingerprint: " + ":".join(f"{number:02X}" for number in range(16, 240, 7)),
        "it took 12:30:45:10",
    ],
)
def test_times_and_fingerprints(text: str) -> None:
    assert types(text) == set()
