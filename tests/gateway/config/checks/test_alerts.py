"""If these fail, nobody notices until the first alert that nobody is to be told of was not told."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said
from tests.servers.webhooks import SECRET


def hook(url: str = "https://alerts.example.com/x", secret: str = SECRET, more: str = "", name: str = "ops") -> str:
    return f'{BASE}alerts:\n  webhooks:\n    {name}: {{url: "{url}", secret: "{secret}"{more}}}\n'


@pytest.mark.parametrize(
    "url",
    [
        "https://alerts.example.com/hooks/T0/B0?x=1",
        "https://198.51.100.7:8443/",
        "http://127.0.0.1:9000/alerts",
        "http://alertmanager.monitoring.svc:9093/x",
        "https://[2001:db8::1]:8443/x",
        "https://alerts.example.com./x",
    ],
)
def test_good_ones(url: str) -> None:
    found = loaded(hook(url, "${HOOK_SECRET}"), {"HOOK_SECRET": SECRET})
    assert found.warnings == ()
    assert found.settings.alerts.webhooks["ops"].url.get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "alerts.example.com/x",
        "ftp://example.com",
        "https:///x",
        "https://a b/",
        "https://é/",
        "https://a:x/",
        "https://a..b/x",
        "https://.a/x",
        f"https://{64 * 'a'}.example/x",
    ],
)
def test_no_address(url: str) -> None:
    (found,) = said(hook(url))
    assert found == (
        ":8: alerts.webhooks.ops.url: is no address of a webhook; write it like https://alerts.example.com/tidegate"
    )


def test_an_address_is_not_shown_for_it_may_hold_a_password() -> None:
    (found,) = said(hook("http://alerts.example.com/hooks/very-secret"))
    assert found == ":8: alerts.webhooks.ops.url: would be told in the clear over a public network; write https://"
    (found,) = said(hook("https://anna:hush@alerts.example.com/"))
    assert "hush" not in found
    assert "is not sent" in found


@pytest.mark.parametrize("secret", ["", "hush", "whsec_c2hvcnQ="])
def test_no_secret(secret: str) -> None:
    (found,) = said(hook(secret=secret))
    assert found == (
        ":8: alerts.webhooks.ops.secret: is no secret: 24 to 64 bytes in base64 after whsec_; "
        'make one: echo "whsec_$(openssl rand -base64 32)"'
    )


def test_a_secret_in_the_clear_is_warned_of() -> None:
    (warning,) = loaded(hook()).warnings
    assert str(warning).endswith('alerts.webhooks.ops.secret: the secret stands here in the clear; write "${NAME}"')


def test_a_name_that_no_metric_can_carry() -> None:
    (found,) = said(hook(name='"the ops team"'))
    assert "is no name; letters, digits" in found


def test_told_of_nothing_or_of_what_does_not_exist() -> None:
    (found,) = said(hook(more=", events: []"))
    assert found == ":8: alerts.webhooks.ops.events: it is told of nothing; leave it out for all"
    (found,) = said(hook(more=", events: [budget.shares]"))
    assert "alerts.webhooks.ops.events[0]" in found


def test_what_is_missing_is_said() -> None:
    (found,) = said(f"{BASE}alerts:\n  webhooks:\n    ops: {{url: https://alerts.example.com/x}}\n")
    assert "alerts.webhooks.ops.secret: is missing; what the signature is made with" in found
