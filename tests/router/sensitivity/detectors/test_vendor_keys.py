"""If this fails, keys of vendors in use today go to the cloud. All of these are drawn here."""

from __future__ import annotations

import re

import pytest

from router.content import content_of_text
from router.sensitivity.detectors.vendor_keys import SHAPED_KEYS, VENDOR_KEYS
from router.sensitivity.patterns import compiled
from router.sensitivity.scanner import Scanner

RANDOM = "q7Zt4LmX9vB2kR8sW3nY6pD1cF5hJ0gA" * 4
HEX = "3fa9c27be41d8065" * 4
UUID = "c0e7f6ab-1581-47b8-8562-f60dbdeb72dd"


@pytest.mark.parametrize(
    "key",
    [
        "AB" + "SK" + RANDOM[:100],
        "vc" + "p_" + RANDOM[:24],
        "nf" + "p_" + RANDOM[:40],
        "ts" + "key-auth-" + RANDOM[:12] + "-" + RANDOM[:32],
        "pc" + "sk_" + RANDOM[:60],
        "ls" + "v2_pt_" + HEX[:32] + "_" + HEX[:10],
        "e2" + "b_" + HEX[:40],
        "bk" + "ua_" + HEX[:40],
        "pack" + "agist_ack_" + HEX,
        "CC" + "IPAT_" + RANDOM[:22] + "_" + HEX[:40],
        "pu" + "l-" + HEX[:40],
        "rz" + "p_live_" + RANDOM[:14],
        "FLW" + "SECK_TEST-" + HEX[:32] + "-X",
        "xn" + "d_production_" + RANDOM[:60],
        "ck" + "_" + HEX[:40],
        "access-" + "sandbox-" + UUID,
        "pat-" + "na1-" + UUID,
        "sdk-" + UUID,
        "dt0" + "c01." + RANDOM[:24].upper() + "." + RANDOM[:64].upper(),
        "pk_" + "81608428_" + RANDOM[:32].upper(),
        "os_" + "v2_app_" + "abcdefgh234567" * 8,
        "glrtr" + "-" + RANDOM[:27],
    ],
)
def test_found(key: str) -> None:
    text = f"use {key} for it"
    findings = Scanner.default().scan(content_of_text(text)).findings
    assert any(text[finding.start : finding.end] == key for finding in findings)


@pytest.mark.parametrize(
    "text",
    [
        "video_box.ico-7a388b69018576d24b59331fd60aab0c.png",
        "fc_" + HEX[:50],
        "the sk-learn-compatible-estimators-of-today",
        "key_" + "x" * 30,
    ],
)
def test_left_alone(text: str) -> None:
    assert Scanner.default().scan(content_of_text(text)).findings == ()


def test_all_are_expressions_of_their_own() -> None:
    """Each compiles, and none matches the empty text."""
    for pattern in (*VENDOR_KEYS, *(key for _, key in SHAPED_KEYS)):
        assert compiled(pattern).search(b"") is None
        assert re.search(r"\(\?[:P]|\(", pattern) is None or compiled(pattern).groups <= 1
