"""Keys that open doors. All of these are made up here, at run time."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.secrets import SECRETS
from router.sensitivity.patterns import PatternSet
from router.sensitivity.view import view_of

RANDOM = "q7Zt4LmX9vB2kR8sW3nY6pD1cF5hJ0gA" * 4
HEX = "3fa9c27be41d8065" * 4


def secrets(text: str) -> list[str]:
    view = view_of(text)
    hits = PatternSet(SECRETS.triggers).match(view.data)
    return [text[span.start : span.end] for span in SECRETS.find(view, hits)]


@pytest.mark.parametrize(
    "key",
    [
        "sk-" + "proj-" + RANDOM[:48],
        "sk-" + "ant-api03-" + RANDOM[:90],
        "AK" + "IA" + "Q7ZT4LMX9VB2KR8S",
        "AI" + "za" + RANDOM[:35],
        "gh" + "p_" + RANDOM[:36],
        "gl" + "pat-" + RANDOM[:20],
        "xo" + "xb-" + "123456789012-" + RANDOM[:24],
        "sk_" + "live_" + RANDOM[:24],
        "h" + "f_" + RANDOM[:34],
        "np" + "m_" + RANDOM[:36],
        "xkey" + "sib-" + HEX + "-" + RANDOM[:16],
        "dop_" + "v1_" + HEX,
    ],
)
def test_vendor_keys(key: str) -> None:
    assert set(secrets(f"KEY: {key}\n")) == {key}


def test_login_in_an_address() -> None:
    assert secrets("postgres://app:" + "tr0ub4dor" + "@db.internal/x") == ["tr0ub4dor"]
    assert secrets("postgres://user:password@localhost/x") == []
    assert secrets("postgres://user:${PASSWORD}@localhost/x") == []


@pytest.mark.parametrize(
    "text", ["sk-xxxxxxxxxxxxxxxxxxxxxxxx", "ghp_" + "x" * 36, "the task-list-component-with-long-name"]
)
def test_stand_ins_are_no_secrets(text: str) -> None:
    assert secrets(text) == []


def test_what_test_suites_make_up_is_no_key() -> None:
    assert secrets("sk-" + "ant-api03-abc123xyz-456de-klMnopqrstuvwx-3456yza789bcde") == []
    assert secrets("GR" + "1348941" + "123123123123123123123") == []
