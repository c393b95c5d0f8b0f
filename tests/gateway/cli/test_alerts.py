"""`tidegate alerts test`: an operator learns today whether an alert would arrive, and not when a budget is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.main import main
from tests.gateway.config.harness import BASE
from tests.harness.ports import free_port
from tests.servers.webhooks import SECRET, WebhookReceiver


@pytest.fixture
def file(tmp_path: Path, webhooks: WebhookReceiver) -> Path:
    made = tmp_path / "tidegate.yaml"
    gone = f"http://127.0.0.1:{free_port()}/"
    made.write_text(
        f"{BASE}alerts:\n  webhooks:\n"
        f'    ops: {{url: "{webhooks.url}", secret: "{SECRET}"}}\n'
        f'    chat: {{url: "{gone}", secret: "{SECRET}", events: [budget.limit]}}\n'
    )
    return made


def test_one_that_takes_it(file: Path, webhooks: WebhookReceiver, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts", "test", "ops", "--config", str(file)]) == 0
    assert capsys.readouterr().out == "ops: took it\n"
    (told,) = webhooks.told
    assert told.json["type"] == "test"
    assert told.headers["webhook-id"].startswith("test_")
    assert told.headers["webhook-signature"].startswith("v1,")


def test_all_and_what_is_wrong_with_them(
    file: Path, webhooks: WebhookReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    webhooks.answers = [404]
    assert main(["alerts", "test", "--config", str(file)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "ops: answered with status 404",
        "chat: could not be connected to, or has a certificate that nobody vouches for",
    ]
    assert len(webhooks.told) == 1


def test_every_test_is_another(file: Path, webhooks: WebhookReceiver) -> None:
    for _ in range(2):
        main(["alerts", "test", "ops", "--config", str(file)])
    assert len({told.headers["webhook-id"] for told in webhooks.told}) == 2


def test_there_is_none(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts", "test", "opps", "--config", str(file)]) == 2
    assert capsys.readouterr().err == "tidegate alerts: there is no webhook 'opps'; there are: ops, chat\n"
    file.write_text(BASE)
    assert main(["alerts", "test", "--config", str(file)]) == 2
    assert "has no alerts.webhooks" in capsys.readouterr().err
    assert main(["alerts", "test", "--config", str(tmp_path / "none.yaml")]) == 2
