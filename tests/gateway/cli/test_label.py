"""`tidegate label` spends money and sends content: what it may not send it must not, and what it has it must keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.accounting.ledger import Ledger
from gateway.accounting.period import Period
from gateway.accounting.savings import account
from gateway.cli.main import main
from tests.gateway.house import CARD, deployment
from tests.servers.upstream import Upstreams

PROMPTS: list[dict[str, Any]] = [
    {"id": number, "prompt": f"What is the capital of country {number}?"} for number in range(5)
]
SUMS: list[dict[str, Any]] = [{"prompt": "2 + 2?", "answer": 4}, {"prompt": "2 + 3?", "answer": "5"}]

Labelled = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def configure(tmp_path: Path, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a configuration; keywords change deployments, `more` what stands beside them."""
    monkeypatch.chdir(tmp_path)

    def writing(more: dict[str, Any] | None = None, **changes: dict[str, Any]) -> Path:
        deployments = {
            "small": deployment(upstreams.local, "local", price={"tokens": {"input": 0, "output": 0}}),
            "large": deployment(upstreams.cloud, "cloud"),
            "judge": deployment(upstreams.cloud, "cloud", model="judge!prefer:cloud-model"),
        }
        settings = {
            "deployments": {name: {**item, **changes.get(name, {})} for name, item in deployments.items()},
            "routes": {"auto": {"small": ["small"], "large": ["large"]}},
            "ledger": {"url": "sqlite:///ledger.db"},
            "keys": [{"name": "dev", "key": "tg-dev"}],
            **(more or {}),
        }
        file = tmp_path / "tidegate.yaml"
        file.write_text(json.dumps(settings))
        return file

    writing()
    return writing


@pytest.fixture
def labelled(configure: Callable[..., Path], tmp_path: Path) -> Labelled:
    """Labels prompts with these words on the command line, and gives the rows there are then."""

    def labelling(prompts: list[dict[str, Any]], *words: str, status: int = 0) -> list[dict[str, Any]]:
        source, out = tmp_path / "prompts.jsonl", tmp_path / "rows.jsonl"
        source.write_text("".join(json.dumps(prompt) + "\n" for prompt in prompts))
        assert main(["label", "--in", str(source), "--out", str(out), *words]) == status
        return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []

    return labelling


def test_rows_say_how_good_both_were_and_what_they_cost(labelled: Labelled, capsys: pytest.CaptureFixture[str]) -> None:
    rows = labelled(PROMPTS, "--judge", "judge")
    assert sorted(row["id"] for row in rows) == list(range(5))
    for row in rows:
        assert (row["weak_score"], row["strong_score"], row["weight"]) == (0.0, 1.0, 1.0)
        assert row["prompt"] == PROMPTS[row["id"]]["prompt"]
        assert (row["weak_cost"], row["judged_by"]) == ("0", "judge")
        assert Decimal(row["strong_cost"]) > 0
    spent = sum((Decimal(row["strong_cost"]) + Decimal(row["judge_cost"]) for row in rows), Decimal(0))
    assert f"spent {spent.normalize():f} $" in capsys.readouterr().out


def test_what_it_cost_is_in_the_ledger_with_its_roles(labelled: Labelled, tmp_path: Path) -> None:
    rows = labelled(PROMPTS, "--judge", "judge", "--no-both-orders")
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db")
    lines = {line.group[0]: line for line in account(ledger, ("role",), Period()).lines}
    ledger.close()
    assert {role: line.attempts for role, line in lines.items()} == {"shadow": 10, "judge": 5}
    assert lines["judge"].spent == sum(Decimal(row["judge_cost"]) for row in rows)
    assert lines["shadow"].spent == sum(Decimal(row["strong_cost"]) for row in rows)


def test_it_goes_on_where_it_stopped(labelled: Labelled, upstreams: Upstreams, tmp_path: Path) -> None:
    first = labelled(PROMPTS, "--judge", "judge", "--limit", "2", "--parallel", "1")
    assert [row["id"] for row in first] == [0, 1]
    with (tmp_path / "rows.jsonl").open("a") as file:
        file.write('{"id": 2, "weak_sco')  # killed while it wrote
    asked = len(upstreams.local.journal.exchanges)
    rows = labelled(PROMPTS, "--judge", "judge", "--parallel", "1")
    assert [row["id"] for row in rows] == list(range(5))
    assert len(upstreams.local.journal.exchanges) - asked == 3
    assert labelled(PROMPTS, "--judge", "judge") == rows


def test_rows_can_be_trained_with(labelled: Labelled, tmp_path: Path, configure: Callable[..., Path]) -> None:
    configure(large={"model": "cloud-model!say:4"})
    prompts = [{"prompt": f"{number} apples and {4 - number}?", "answer": number % 5} for number in range(60)]
    labelled(prompts)
    assert main(["train", "--data", str(tmp_path / "rows.jsonl"), "--out", str(tmp_path / "model")]) == 0


def test_what_is_known_to_be_right_needs_no_judge(
    labelled: Labelled, configure: Callable[..., Path], upstreams: Upstreams
) -> None:
    configure(small={"model": "local-model!say:The answer is 4."}, large={"model": "cloud-model!say:It is 5"})
    rows = {row["prompt"]: row for row in labelled(SUMS)}
    assert [(rows[each["prompt"]]["weak_score"], rows[each["prompt"]]["strong_score"]) for each in SUMS] == [
        (1.0, 0.0),
        (0.0, 1.0),
    ]
    assert all(row["judge_cost"] == "0" and row["judged_by"] == "answer" for row in rows.values())
    assert all(exchange.json()["model"] == "cloud-model!say:It is 5" for exchange in upstreams.cloud.journal.exchanges)


def test_what_the_policy_keeps_at_home_is_sent_to_nobody(
    labelled: Labelled, upstreams: Upstreams, capsys: pytest.CaptureFixture[str]
) -> None:
    assert labelled([{"prompt": CARD}, {"prompt": CARD, "answer": "yes"}], "--judge", "judge") == []
    upstreams.assert_cloud_saw_nothing()
    assert upstreams.local.journal.exchanges == ()
    said = capsys.readouterr().out
    assert "2 left out: the policy keeps them" in said
    assert "spent 0 $" in said


def test_an_answer_that_must_not_leave_is_not_shown_to_a_judge_outside(
    labelled: Labelled, configure: Callable[..., Path], upstreams: Upstreams
) -> None:
    configure(small={"model": f"local-model!say:{CARD}"})
    assert labelled(PROMPTS[:1], "--judge", "judge") == []
    assert b"4970" not in upstreams.cloud.journal.raw


def test_a_keys_own_policy_holds(labelled: Labelled, configure: Callable[..., Path], upstreams: Upstreams) -> None:
    keys = [{"name": "dev", "key": "tg-dev", "locality": "local"}, {"name": "ops", "key": "tg-ops"}]
    configure({"keys": keys})
    assert labelled(PROMPTS[:2], "--judge", "judge", "--key", "dev") == []
    upstreams.assert_cloud_saw_nothing()
    assert len(labelled(PROMPTS[:2], "--judge", "judge", "--key", "ops")) == 2


def test_no_more_is_spent_than_was_allowed(labelled: Labelled, capsys: pytest.CaptureFixture[str]) -> None:
    prompts = [{"prompt": f"Number {number}?"} for number in range(100)]
    limit = Decimal("0.2")
    rows = labelled(prompts, "--judge", "judge", "--max-dollars", str(limit))
    said = capsys.readouterr().out
    assert 0 < len(rows) < 100
    assert "stopped: the next prompt could have cost more than --max-dollars leaves" in said
    spent = Decimal(said.partition("spent ")[2].partition(" $")[0])
    assert Decimal(0) < spent <= limit


def test_a_limit_that_cannot_be_kept_is_refused(
    labelled: Labelled, configure: Callable[..., Path], upstreams: Upstreams, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(judge={"price": None})
    assert labelled(PROMPTS, "--judge", "judge", "--max-dollars", "1", status=2) == []
    assert "a deployment has no price" in capsys.readouterr().err
    upstreams.assert_cloud_saw_nothing()


def test_a_cost_that_is_not_known_is_null(labelled: Labelled, configure: Callable[..., Path]) -> None:
    configure(large={"price": None})
    (row,) = labelled(PROMPTS[:1], "--judge", "judge")
    assert (row["weak_cost"], row["strong_cost"]) == ("0", None)


def test_what_is_down_is_not_asked_for_ever(
    labelled: Labelled, upstreams: Upstreams, capsys: pytest.CaptureFixture[str]
) -> None:
    upstreams.cloud.always("status:500")
    prompts = [{"prompt": f"Number {number}?"} for number in range(100)]
    assert labelled(prompts, "--judge", "judge", "--parallel", "1", status=1) == []
    captured = capsys.readouterr()
    assert "10 failed, and can be tried again" in captured.out
    assert "10 prompts in a row got no answer" in captured.err
    assert len(upstreams.local.journal.exchanges) == 10


def test_what_cannot_be_compared_is_left_out(
    labelled: Labelled, upstreams: Upstreams, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}]}]
    upstreams.local.next("finish:length")
    assert labelled([{"messages": picture}, PROMPTS[0]], "--judge", "judge", "--parallel", "1") == []
    assert "2 left out: not to be compared" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "prompts.jsonl:1: has no 'answer', and there is no judge: name one with --judge"),
        (("--judge", "nobody"), "no deployment 'nobody' that can be called; there are: judge, large, small"),
        (("--route", "none"), "no route 'none'; there are: auto"),
        (("--judge", "judge", "--key", "none"), "no key 'none'; there are: dev"),
        (("--judge", "judge", "--config", "none.yaml"), "none.yaml"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_asked(
    labelled: Labelled, upstreams: Upstreams, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert labelled(PROMPTS, *words, status=2) == []
    assert message in capsys.readouterr().err
    assert upstreams.local.journal.exchanges == ()


@pytest.mark.parametrize("words", [("--limit", "-3"), ("--parallel", "0"), ("--max-tokens", "0"), ("--limit", "few")])
def test_a_number_of_nothing_is_refused(
    labelled: Labelled, capsys: pytest.CaptureFixture[str], words: tuple[str, str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        labelled(PROMPTS, "--judge", "judge", *words)
    assert caught.value.code == 2
    assert f"'{words[1]}' is no whole number from 1" in capsys.readouterr().err


@pytest.mark.parametrize(("out", "why"), [("no/rows.jsonl", "No such file or directory"), (".", "Is a directory")])
def test_an_output_that_cannot_be_written_is_named(
    labelled: Labelled, tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str, why: str
) -> None:
    file = tmp_path / out
    labelled(PROMPTS, "--judge", "judge", "--out", str(file), status=2)
    assert capsys.readouterr().err == f"tidegate label: {file}: {why}\n"


def test_a_file_of_something_else_is_left_as_it_is(
    labelled: Labelled, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.jsonl").write_text('{"id": 1}\n')
    assert labelled(PROMPTS, "--judge", "judge", status=2) == [{"id": 1}]
    assert "rows.jsonl:1: not a row that `tidegate label` writes" in capsys.readouterr().err


def test_the_routes_shadow_says_who_judges(labelled: Labelled, configure: Callable[..., Path]) -> None:
    shadow = {"judge": "judge", "both_orders": False}
    route = {"small": ["small"], "large": ["large"], "learning": {"enabled": True}, "shadow": shadow}
    configure({"routes": {"auto": route}})
    (row,) = labelled(PROMPTS[:1])
    assert (row["judged_by"], row["weight"]) == ("judge", 0.5)
