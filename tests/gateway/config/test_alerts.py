"""If these fail, what an operator writes about alerts is read as something else."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from gateway.config.alerts import KINDS, signing_key
from gateway.config.load import version_of
from tests.gateway.config.harness import BASE, loaded
from tests.servers.webhooks import SECRET

PAGE = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text()
HOOK = f'alerts: {{webhooks: {{ops: {{url: "https://alerts.example.com/x", secret: "{SECRET}"}}}}}}\n'


@pytest.mark.parametrize("example", re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
def test_the_example_on_the_page_loads(example: str) -> None:
    environment = {"OPS_HOOK": "https://ops.example.com/x", "OPS_HOOK_SECRET": SECRET, "CHAT_SECRET": SECRET}
    found = loaded(BASE + example, environment)
    assert found.warnings == ()
    assert found.settings.alerts.webhooks["chat"].events == ("budget.limit",)


def test_nobody_is_told_unless_the_file_says_so() -> None:
    assert loaded(BASE).settings.alerts.webhooks == {}


def test_a_webhook_is_told_of_everything_unless_it_says_what() -> None:
    webhook = loaded(BASE + HOOK).settings.alerts.webhooks["ops"]
    assert webhook.url.get_secret_value() == "https://alerts.example.com/x"
    assert (webhook.events, webhook.timeout) == (KINDS, 10.0)
    assert "example" not in repr(webhook)


def test_routing_is_the_same() -> None:
    """So the answer cache goes on as it was."""
    assert version_of(loaded(BASE + HOOK).settings) == version_of(loaded(BASE).settings)


@pytest.mark.parametrize("length", [24, 32, 64])
def test_a_secret(length: int) -> None:
    key = bytes(range(length))
    text = base64.b64encode(key).decode()
    assert signing_key(f"whsec_{text}") == signing_key(text) == signing_key(f" whsec_{text}\n") == key


@pytest.mark.parametrize("text", ["", "whsec_", "hush", base64.b64encode(bytes(23)).decode(), "é" * 40, "a" * 90])
def test_what_is_no_secret(text: str) -> None:
    assert signing_key(text) is None
