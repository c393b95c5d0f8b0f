"""If these fail, an hour of labelling is lost, or a model that is at hand is not asked."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.label_file import Prompt, prompts_of
from gateway.cli.labeller import Labeller, Whom
from gateway.config.load import load
from gateway.config.loaded import Loaded
from tests.gateway.house import deployment
from tests.servers.upstream import Upstreams

LEARNS = {"learning": {"enabled": True}}


def configured(directory: Path, upstreams: Upstreams, **changes: Any) -> Loaded:
    deployments = {
        "asleep": deployment(upstreams.cloud, "cloud", optional=True, api_key=""),
        "small": deployment(upstreams.local, "local"),
        "large": deployment(upstreams.cloud, "cloud"),
        "judge": deployment(upstreams.cloud, "cloud", model="judge!letter:A"),
        **changes.pop("deployments", {}),
    }
    routes = {"auto": {"small": ["small"], "large": ["asleep", "large"]}, **changes.pop("routes", {})}
    keys = [{"name": "dev", "key": "tg-dev", "team": "lab", "locality": "cloud+local"}]
    file = directory / "tidegate.yaml"
    file.write_text(json.dumps({"deployments": deployments, "routes": routes, "keys": keys, **changes}))
    return load(file, environ={})


def words(**given: Any) -> argparse.Namespace:
    plain = {"route": "auto", "judge": None, "key": None, "both_orders": None, "max_tokens": None}
    return argparse.Namespace(**{**plain, **given})


def prompts(directory: Path, count: int) -> list[Prompt]:
    file = directory / "prompts.jsonl"
    file.write_text("".join(json.dumps({"prompt": f"Number {number}?"}) + "\n" for number in range(count)))
    return list(prompts_of(str(file)))


def test_the_first_of_each_class_that_can_be_called_is_asked(tmp_path: Path, upstreams: Upstreams) -> None:
    whom = Whom.of(configured(tmp_path, upstreams).settings, words(judge="judge"))
    assert (whom.small, whom.large, whom.judge) == ("small", "large", "judge")
    assert (whom.both_orders, whom.max_tokens, whom.verdict_tokens) == (True, 1024, 32)
    assert (whom.principal.name, whom.principal.clearance.is_any) == ("label", True)
    assert whom.names == {"small", "large", "judge"}


def test_what_the_command_line_says_wins_over_the_routes_shadow(tmp_path: Path, upstreams: Upstreams) -> None:
    shadow = {"judge": "judge", "max_tokens": 77, "verdict_tokens": 9}
    route = {"small": ["small"], "large": ["large"], "shadow": shadow, **LEARNS}
    settings = configured(tmp_path, upstreams, routes={"auto": route}).settings
    plain = Whom.of(settings, words())
    assert (plain.judge, plain.both_orders, plain.max_tokens, plain.verdict_tokens) == ("judge", False, 77, 9)
    told = Whom.of(settings, words(judge="large", both_orders=True, max_tokens=5, key="dev"))
    assert (told.judge, told.both_orders, told.max_tokens) == ("large", True, 5)
    assert (told.principal.name, told.principal.team, str(told.principal.clearance)) == ("dev", "lab", "cloud+local")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"route": "home"}, "needs a small and a large deployment"),
        ({"judge": "asleep"}, "no deployment 'asleep' that can be called"),
    ],
)
def test_who_cannot_be_asked_is_said(tmp_path: Path, upstreams: Upstreams, given: dict[str, str], message: str) -> None:
    settings = configured(tmp_path, upstreams, routes={"home": {"small": ["small"], "large": ["asleep"]}}).settings
    with pytest.raises(ValueError, match=message):
        Whom.of(settings, words(**given))


def test_many_are_asked_at_once_and_no_more_than_that(tmp_path: Path, upstreams: Upstreams) -> None:
    loaded = configured(tmp_path, upstreams)
    upstreams.local.always("hold")
    whom = Whom.of(loaded.settings, words(judge="judge"))

    async def run() -> int:
        task = asyncio.create_task(
            Labeller(loaded, whom, tmp_path / "rows.jsonl").run(prompts(tmp_path, 9), None, None, 3)
        )
        waiting = len(await asyncio.to_thread(upstreams.local.journal.wait_for_requests, 3))
        upstreams.local.always("ok")
        upstreams.local.release()
        return waiting if (await task).written == 9 else -1

    assert asyncio.run(run()) == 3


def test_when_it_is_stopped_its_books_are_closed(tmp_path: Path, upstreams: Upstreams) -> None:
    loaded = configured(tmp_path, upstreams, deployments={"small": deployment(upstreams.local, "local", timeouts={})})
    upstreams.local.always("hold")
    whom = Whom.of(loaded.settings, words(judge="judge"))

    async def run() -> None:
        labeller = Labeller(loaded, whom, tmp_path / "rows.jsonl")
        task = asyncio.create_task(labeller.run(prompts(tmp_path, 2), None, None, 1))
        await asyncio.to_thread(upstreams.local.journal.wait_for_requests, 1)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(run())
    lines = b"".join(file.read_bytes() for file in (tmp_path / ".tidegate" / "journal").glob("*.journal"))
    records = [line for line in lines.splitlines() if line]
    assert len([line for line in records if line.startswith(b'["')]) == 2
    assert len([line for line in records if line.startswith(b"[[")]) == 2


def test_a_model_that_the_gateway_runs_itself_judges_in_the_form_it_is_asked_for(
    tmp_path: Path, upstreams: Upstreams
) -> None:
    """What its verdict is worth is another question: it has 135 million parameters."""
    here = {"zone": "local", "engine": "embedded", "model": "default", "context": 2048, "slots": 1}
    loaded = configured(tmp_path, upstreams, deployments={"here": here})
    whom = Whom.of(loaded.settings, words(judge="here", both_orders=True))
    out = tmp_path / "rows.jsonl"
    tally = asyncio.run(Labeller(loaded, whom, out).run(prompts(tmp_path, 2), None, None, 1))
    assert (tally.written, tally.unlike, tally.failed) == (2, 0, 0)
    for row in map(json.loads, out.read_text().splitlines()):
        assert row["judged_by"] == "here"
        assert {row["weak_score"], row["strong_score"]} <= {0.0, 0.5, 1.0}
        assert float(row["judge_cost"]) > 0
