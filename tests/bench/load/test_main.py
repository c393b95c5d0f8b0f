"""The harness itself, for a moment, against nothing but the upstream."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.load.__main__ import main

SHORT = ["--systems", "direct", "--rounds", "1", "--seconds", "0.1", "--warm", "0.1", "--prewarm", "0.1"]


@pytest.mark.usefixtures("compiler")
def test_it_measures_whole_answers_and_streams(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "figures.json"
    goals = ["--goal", "direct:c1:rps>=1", "--goal", "direct:stream:chunks_s>=1"]
    assert main([*SHORT, "--scenarios", "c1,rate,stream", "--out", str(out), *goals]) == 0
    turns = json.loads(out.read_text())["turns"]["direct"]
    for scenario in ("c1", "rate", "stream"):
        figures = turns[scenario]["1"]
        assert figures["bad"] == 0
        assert figures["good"] > 0
        assert figures["cpu_per_1k"] > 0
        assert figures["p99"] >= figures["p50"] > 0
    assert turns["rate"]["1"]["rps"] == pytest.approx(100, rel=0.5)
    assert turns["stream"]["1"]["chunks"] % 1 == 0
    assert turns["stream"]["1"]["ttfb.p50"] > 0
    assert turns["stream"]["1"]["fly.p50"] > 0
    assert "## stream" in capsys.readouterr().out


@pytest.mark.usefixtures("compiler")
def test_a_goal_that_is_missed_fails_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--scenarios", "c1", "--goal", "direct:c1:p50<=0"]) == 1
    assert "FAIL direct:c1:p50<=0" in capsys.readouterr().out


@pytest.mark.usefixtures("compiler")
def test_a_system_that_is_not_there_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    systems = ["--systems", "ferrogw", "--env", str(tmp_path)]
    assert main([*SHORT, *systems, "--scenarios", "c1"]) == 0
    assert "ferrogw" in (said := capsys.readouterr().out)
    assert "LEFT OUT: not installed" in said


def test_what_is_unknown_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--systems", "nobody"])
    assert "unknown: nobody" in capsys.readouterr().err


@pytest.mark.usefixtures("compiler")
def test_the_bare_passthroughs_start_and_answer(capsys: pytest.CaptureFixture[str]) -> None:
    systems = ["--systems", "floor,asgi-raw,starlette-aiohttp-work"]
    assert main([*SHORT, *systems, "--scenarios", "start", "--starts", "1", "--rest", "0.1"]) == 0
    said = capsys.readouterr().out
    assert said.count("ready after") == 3
    assert "LEFT OUT" not in said
    assert "!" not in said  # no bad answer while warming up
