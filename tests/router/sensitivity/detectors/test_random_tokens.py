"""A key that nothing announces is still a key; a checksum, a version or a model's name is none."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.random_tokens import RANDOM_TOKENS
from router.sensitivity.view import view_of

RANDOM = "q7Zt4LmX9vB2kR8sW3nY6pD1cF5hJ0gA"


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in RANDOM_TOKENS.find(view_of(text), [0])]


def test_finds_a_bare_token() -> None:
    assert found(f"why does {RANDOM} not work any more?") == [RANDOM]


@pytest.mark.parametrize(
    "text",
    [
        f"sha256-{RANDOM}=",
        f"https://cdn.example.org/v1/{RANDOM}",
        "deadBEEF00112233445566778899aabbCCDDeeff",
        "mistralai/Mixtral-8x7B-Instruct-v0.1-AWQ",
        "org.springframework.boot.autoconfigure.Web2Mvc3Config",
        "the AbstractSingletonProxyFactoryBean4Tests class",
    ],
)
def test_leaves_names_and_checksums_alone(text: str) -> None:
    assert found(text) == []


def test_lines_of_a_key_without_its_header() -> None:
    line = (RANDOM * 2)[:64]
    block = "".join(f"#6 0.245 {line}\n" for _ in range(4))
    assert any(text.count(line) == 3 for text in found(block))
    assert not any("\n" in text for text in found("-----BEGIN CERTIFICATE-----\n" + block))
