"""Whoever has the hash can try all words at home."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.password_hashes import PASSWORD_HASHES
from router.sensitivity.patterns import PatternSet
from router.sensitivity.view import view_of

RANDOM = "q7Zt4LmX9vB2kR8sW3nY6pD1cF5hJ0gA" * 3


def found(text: str) -> bool:
    view = view_of(text)
    return bool(list(PASSWORD_HASHES.find(view, PatternSet(PASSWORD_HASHES.triggers).match(view.data))))


@pytest.mark.parametrize(
    "text",
    [
        f"deploy:$6$saltsalt${RANDOM[:86]}:19700:0:99999:7:::",
        f"ada:$apr1$q7Zt4LmX${RANDOM[:22]}",
        f"'$2b$12${RANDOM[:53]}'",
        f"$argon2id$v=19$m=65536,t=3,p=4${RANDOM[:22]}${RANDOM[:43]}",
        f"pbkdf2_sha256$600000$q7Zt4LmX9v${RANDOM[:44]}",
        f"userPassword: {{SSHA}}{RANDOM[:32]}",
        "IDENTIFIED WITH mysql_native_password AS '*92FD05ADCA2EC9D1E10C096DEB1618BC2470E409'",
        "Administrator:500:aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0:::",
        "enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0",
        "username admin password 7 0822455D0A16544541",
        "$ANSIBLE_VAULT;1.1;AES256\n3365653764366134\n3965653764366134",
    ],
)
def test_found(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize(
    "text", ["echo $1 $2", "$2b$12$" + "x" * 53, "awk '{print $1$6}'", "the secret 5 things", "cost: $1,200"]
)
def test_left_alone(text: str) -> None:
    assert not found(text)
