"""What people tell in a letter, in any of the languages served."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.detectors.spoken_secrets import SPOKEN_SECRETS
from router.sensitivity.patterns import PatternSet
from router.sensitivity.scanner import Scanner
from router.sensitivity.view import view_of


def found(text: str) -> list[str]:
    view = view_of(text)
    hits = PatternSet(SPOKEN_SECRETS.triggers).match(view.data)
    return [view.text[span.start : span.end] for span in SPOKEN_SECRETS.find(view, hits)]


@pytest.mark.parametrize(
    "text",
    [
        "The wifi password for the office is Hiver2024!.",
        "I changed the root password to Hiver2024! yesterday.",
        "You can log in with admin / Hiver2024! on staging.",
        "Le mot de passe du wifi, c'est Hiver2024!",
        "Mon mot de passe actuel est Hiver2024! et rien ne marche",
        "Das Passwort für das WLAN lautet Hiver2024!",
        "Die Zugangsdaten sind admin / Hiver2024!",
        "La clave de acceso es Hiver2024!",
        "La contraseña del servidor es Hiver2024!",
    ],
)
def test_passwords(text: str) -> None:
    assert found(text) == ["Hiver2024"]


def test_codes_and_second_factors() -> None:
    assert found("The PIN of my card is 4821")
    assert found("My recovery codes:\nab3de-k9m2p\nqq7rt-xx8zy\nm2n4b-v6c8x")
    assert found("2FA secret: jbsw y3dp ehpk 3pxp")
    assert found("otpauth://totp/Shop:ada?secret=JBSWY3DPEHPK3PXP&issuer=Shop")


@pytest.mark.parametrize(
    "text",
    [
        "Is the password field in version 2.14.3 required?",
        "How do I make sure that a password is strong?",
        "Connect pin 13 to ground; the GPIO pin is 4821 in the table.",
        "The password reset link is valid until 2026-11-28.",
        "Log in with Google or with your e-mail address.",
        "Why does login return 401 for user and password?",
        "Use a recovery code if you have lost your phone.",
    ],
)
def test_left_alone(text: str) -> None:
    assert found(text) == []
    assert Scanner.default().scan(content_of_text(text)).findings == ()
