"""If this fails, variables and versions count as passwords, or passwords do not."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.credential_values import is_key, is_login, is_name, is_password


@pytest.mark.parametrize("value", ["Hiver2024!", "tr0ub4dor&3", "App+7/kq9Zt4", "x7Kq-92mLp"])
def test_passwords(value: str) -> None:
    assert is_password(value)


@pytest.mark.parametrize(
    "value",
    [
        "os.environ",
        "config(",
        "v6.15.12",
        "5.13.8",
        "123:45",
        "--tail=50",
        "changeme",
        "${PASSWORD}",
        "0x7f3a",
        ":test_it",
    ],
)
def test_what_is_no_password(value: str) -> None:
    assert not is_password(value)


def test_keys() -> None:
    assert is_key("q7Zt4LmX9vB2kR8s")
    assert is_key("0x" + "a10198fb3fbbe00c" * 4)
    assert not is_key("settings.SECRET_KEY")


def test_names() -> None:
    assert is_name("gpt-4o-mini")
    assert not is_name("Hiver2024!")


def test_logins() -> None:
    assert is_login("YWRhOnRyMHViNGRvcg==")
    assert not is_login("Z29vZ2xl")
