"""What stands behind `password =`."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.credentials import CREDENTIALS
from router.sensitivity.view import view_of


def credentials(text: str) -> list[str]:
    return [text[span.start : span.end] for span in CREDENTIALS.find(view_of(text), [0, 1])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password = " + "Gr8nite!Fox", "Gr8nite!Fox"),
        ("DB_PASS='" + "x9%kQ2!mzz" + "'", "x9%kQ2!mzz"),
        ("mein Passwort ist " + "Birke77!", "Birke77!"),
        ("mon mot de passe " + "Foug3re!9" + " ne marche plus", "Foug3re!9"),
        ('api_key: "' + "9f8e7d6c5b4a39281706" + '"', "9f8e7d6c5b4a39281706"),
    ],
)
def test_finds(text: str, value: str) -> None:
    assert credentials(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "password = os.environ['DB_PASSWORD']",
        "token = get_token(user)",
        "password: ${PASSWORD}",
        "password = 'changeme'",
        "my password is not accepted",
        "max_tokens: 4096",
        "how do I hash a password in Python?",
    ],
)
def test_leaves_code_and_words_alone(text: str) -> None:
    assert credentials(text) == []
