"""If these fail, an alert is taken for told that was not, or one that was told comes again and again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from dataclasses import replace

import orjson
import pytest

from gateway.alerts.sinks import LogSink, Outcome, WebhookSink
from gateway.telemetry.logs import JsonLines
from tests.gateway.alerts.harness import AT, EVENT, LIMIT, webhook
from tests.harness.ports import free_port
from tests.servers.webhooks import SECRET, WebhookReceiver


def sink_for(url: str, tries: list[tuple[str, str]]) -> WebhookSink:
    return WebhookSink("ops", webhook(url), lambda: AT, lambda *tried: tries.append(tried))


async def test_a_webhook_is_sent_the_event_signed(webhooks: WebhookReceiver) -> None:
    tries: list[tuple[str, str]] = []
    assert await sink_for(webhooks.url, tries).tell(EVENT) == "told"
    (told,) = webhooks.told
    assert told.body == EVENT.body()
    assert told.headers["webhook-id"] == EVENT.id
    assert told.headers["webhook-timestamp"] == str(int(AT))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    over = f"{EVENT.id}.{int(AT)}.".encode() + told.body
    expected = base64.b64encode(hmac.new(key, over, hashlib.sha256).digest()).decode()
    assert told.headers["webhook-signature"] == f"v1,{expected}"
    assert tries == [("ops", "told")]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "told"),
        (204, "told"),
        (301, "refused"),
        (400, "refused"),
        (401, "refused"),
        (404, "refused"),
        (410, "refused"),
        (408, "again"),
        (425, "again"),
        (429, "again"),
        (500, "again"),
        (503, "again"),
    ],
)
async def test_what_an_answer_means(webhooks: WebhookReceiver, status: int, outcome: Outcome) -> None:
    webhooks.answers = [status]
    tries: list[tuple[str, str]] = []
    assert await sink_for(webhooks.url, tries).tell(EVENT) == outcome
    assert tries == [("ops", "told" if outcome == "told" else f"{status // 100}xx")]


async def test_nobody_there_is_tried_again() -> None:
    tries: list[tuple[str, str]] = []
    assert await sink_for(f"http://127.0.0.1:{free_port()}/", tries).tell(EVENT) == "again"
    assert tries == [("ops", "connection")]


def test_a_webhook_wants_what_the_settings_say() -> None:
    only = WebhookSink("ops", webhook("http://127.0.0.1/", events=["budget.limit"]), lambda: AT, lambda *_: None)
    assert only.wants("budget.limit")
    assert not only.wants("budget.share")
    assert sink_for("http://127.0.0.1/", []).wants("budget.share")


async def test_the_log_has_the_sentence_and_names_in_fields(caplog: pytest.LogCaptureFixture) -> None:
    counted: list[tuple[str, str]] = []
    sink = LogSink(lambda *alert: counted.append(alert))
    assert sink.wants("budget.share")
    assert sink.wants("budget.limit")
    assert await sink.tell(LIMIT) == "told"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    line = orjson.loads(JsonLines().format(record))
    assert line["message"] == LIMIT.text
    assert (line["budget"], line["scope"], line["whose"], line["kind"]) == ("research", "team", "lab", "budget.limit")
    assert counted == [("research", "budget.limit")]


async def test_what_a_caller_wrote_into_a_tag_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    await LogSink(lambda *_: None).tell(replace(EVENT, scope="tag", whose="anna.schmidt@example.org"))
    (record,) = caplog.records
    assert "anna" not in JsonLines().format(record)


async def test_address_and_secret_are_in_no_log_line(
    webhooks: WebhookReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    webhooks.answers = [500]
    await sink_for(webhooks.url, []).tell(EVENT)
    assert "alerts?team" not in caplog.text
    assert repr(webhook(webhooks.url)).count("**********") == 2
