"""Passwords that commands take and small files keep, with no word beside them that says so."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.command_lines import COMMAND_LINES
from router.sensitivity.patterns import PatternSet
from router.sensitivity.view import view_of


def found(text: str) -> list[str]:
    view = view_of(text)
    hits = PatternSet(COMMAND_LINES.triggers).match(view.data)
    return [text[span.start : span.end] for span in COMMAND_LINES.find(view, hits)]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("mysql -h db -u root -pHiver2024! shop", "Hiver2024!"),
        ("sshpass -p 'Hiver2024!' ssh deploy@host", "'Hiver2024!'"),
        ("docker login -u ada -p Hiver2024! registry.example.com", "Hiver2024!"),
        ("db.example.com:5432:shop:app:Hiver2024!", "Hiver2024!"),
        ('{"auths": {"r": {"auth": "YWRhOnRyMHViNGRvcg=="}}}', "YWRhOnRyMHViNGRvcg=="),
        ("Cookie: theme=dark; sessionid=k3j5h7g9f1d3s5a7q9w1", "k3j5h7g9f1d3s5a7q9w1"),
        ('{"kty": "EC", "d": "q7Zt4LmX9vB2kR8sW3nY6pD1"}', "q7Zt4LmX9vB2kR8sW3nY6pD1"),
    ],
)
def test_found(text: str, secret: str) -> None:
    assert found(text) == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "mkdir -p src/cache",
        "mysql -h db -u root -p shop",
        "docker run -p 8080:80 image",
        'mysql -u root -p"$PASSWORD"',
        "Cookie: theme=dark; csrftoken=k3j5h7g9f1d3s5a7q9w1",
        '{"kty": "EC", "x": "q7Zt4LmX9vB2kR8sW3nY6pD1"}',
        "10.0.0.1:5432: connection refused",
    ],
)
def test_left_alone(text: str) -> None:
    assert found(text) == []
