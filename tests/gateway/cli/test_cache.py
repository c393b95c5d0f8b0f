"""`tidegate cache`: a purge reaches what is kept, and says so where it cannot."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.access.place import access_url
from gateway.access.store import AccessStore
from gateway.accounting.ledger import Ledger
from gateway.cli.cache import KEY_VARIABLE
from gateway.cli.main import main
from gateway.config.load import load
from tests.gateway.accounting.samples import apply, intent, settlement
from tests.gateway.config.harness import BASE
from tests.servers.valkey import ValkeyServer


def configured(directory: Path, more: str = "cache: {enabled: true}\n") -> Path:
    file = directory / "tidegate.yaml"
    file.write_text(BASE + more)
    return file


def cache(file: Path, *words: str) -> int:
    return main(["cache", *words, "--config", str(file)])


def test_with_redis_it_is_purged_there_and_written_down(
    tmp_path: Path, valkey: ValkeyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(tmp_path, f"cache: {{enabled: true}}\nredis: {{url: '{valkey.url}'}}\n")
    assert cache(file, "purge", "--route", "auto", "--tag", "Blue", "--key", "dev", "--key", "ann") == 0
    names = ["route:auto", "key:dev", "key:ann", "tag:blue"]
    assert capsys.readouterr().out == f"Not given again: {', '.join(names)}.\n"
    with valkey.client() as client:
        kept: Any = client.hgetall("tidegate:{cache:eras}")
    assert set(kept) == {b"", *(name.encode() for name in names)}
    store = AccessStore.open(access_url(load(file)))
    events = store.events(limit=10)
    store.close()
    assert [(event.action, event.name, event.actor) for event in reversed(events)] == [
        ("cache.purged", name, "command line") for name in names
    ]


@pytest.mark.parametrize(
    ("more", "words", "why"),
    [
        ("cache: {enabled: true}\n", ["purge"], "name a --route"),
        ("", ["purge", "--all"], "no route of this configuration has a cache"),
        ("cache: {enabled: true}\n", ["purge", "--all"], f"set {KEY_VARIABLE}"),
        (
            "cache: {enabled: true}\nredis: {url: 'redis://127.0.0.1:1/0'}\n",
            ["purge", "--all"],
            "Redis cannot be asked",
        ),
        (
            "cache: {enabled: true}\nredis: {sentinel: {service: main, nodes: ['127.0.0.1:1']}}\n",
            ["purge", "--all"],
            "Redis cannot be asked",
        ),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    more: str,
    words: list[str],
    why: str,
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    assert cache(configured(tmp_path, more), *words) == 2
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "why"), [("http://127.0.0.1:1", "no gateway answers"), ("file:///etc/passwd", "is no address")]
)
def test_no_gateway_no_purge(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str, why: str
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "tg-key")
    assert cache(configured(tmp_path), "purge", "--all", "--url", url) == 2
    said = capsys.readouterr().err
    assert why in said
    assert "tg-key" not in said


def test_how_much_was_answered_from_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = configured(tmp_path)
    assert cache(file, "stats") == 0
    assert "No request" in capsys.readouterr().out
    ledger = Ledger.open(load(file).ledger_url)
    hit = settlement(intent("a2"), outcome="hit", cache="hit", cost=Decimal(0), counterfactual=Decimal("0.5"))
    apply(ledger, [settlement("a1"), hit])
    ledger.close()
    assert cache(file, "stats") == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split() == ["ROUTE", "REQUESTS", "HITS", "STALE", "BYPASSED", "SHARE", "SAVED", "UNPRICED"]
    assert row.split() == ["auto", "2", "1", "0", "0", "50.0%", "$0.5", "0"]
    assert cache(file, "stats", "--format", "json", "--from", "2020-01-01") == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert (said["share"], said["saved"]) == (0.5, "0.5")


def test_calibrate_says_what_holds_and_the_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = tmp_path / "pairs.jsonl"
    rows = [
        {"a": "How do I reset my password?", "b": "How can I reset my password?", "same": True},
        {"a": "How do I reset my password?", "b": "How do I reset my router?", "same": False},
        {"a": "Wie alt ist er?", "b": "Wie alt ist sie?", "same": False},
        {"a": "Comment ça va aujourd'hui ?", "b": "Ça va ?", "same": True},
    ]
    pairs.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert main(["cache", "calibrate", str(pairs)]) == 0
    shown = capsys.readouterr()
    assert "hits        1 of 1, 100.0%" in shown.out
    assert "false hits  0 of 1, 0.0%" in shown.out
    assert "in no language that the guard knows" in shown.out
    assert shown.out.splitlines()[-1].startswith("cache: {semantic: {thresholds: {")
    assert "mind the intervals" in shown.err


@pytest.mark.parametrize("row", ['{"a": "x", "b": "y"}', '{"a": 1, "b": "y", "same": true}', '{"a": "x"', ""])
def test_calibrate_refuses_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text(f"{row}\n")
    assert main(["cache", "calibrate", str(pairs)]) == 2
    assert "tidegate cache calibrate: " in capsys.readouterr().err
