"""The generator's report is read as it is meant: times in ms, errors summed."""

from __future__ import annotations

from bench.load.generator import Load, figures

REPORT = {
    "good": 10,
    "started": 12,
    "done": 12,
    "seconds": 1.0,
    "rps": 10.0,
    "chunks": 50,
    "chunks_s": 50.0,
    "errors": {"connect": 1, "status": 2, "body": 0},
    "status": {"200": 10, "500": 2},
    "lat": {"n": 10, "mean": 1500.0, "p50": 1400.0},
    "ttfb": {"n": 10, "p50": 900.0},
    "gap": {"n": 0, "p50": 0.0},
}


def test_times_are_in_milliseconds_and_errors_summed() -> None:
    found = figures(REPORT)
    assert found["p50"] == 1.4
    assert found["ttfb.p50"] == 0.9
    assert found["bad"] == 3.0
    assert found["rps"] == 10.0


def test_what_was_never_seen_has_no_figure() -> None:
    assert "gap.p50" not in figures(REPORT)


def test_an_open_loop_has_a_rate_and_a_whole_answer_a_marker() -> None:
    flags = Load(64, 2.0, 0.5, rate=100.0, count=7, expect="PONG").flags()
    assert flags[flags.index("-r") + 1] == "100"
    assert flags[flags.index("-n") + 1] == "7"
    assert flags[flags.index("-x") + 1] == "PONG"
    assert "-r" not in Load(1, 1.0).flags()
    assert "-x" not in Load(1, 1.0, streamed=True, expect="PONG").flags()
