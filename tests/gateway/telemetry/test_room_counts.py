"""If these fail, an operator does not see that requests wait, or an alert on it never comes."""

from __future__ import annotations

from tests.gateway.telemetry.test_counts import counting, value


def test_how_seats_and_queue_stand() -> None:
    counts = counting()
    counts.rooms.stands("gpu", 4, 4, 9, 12.5)
    counts.rooms.stands("gpu", 4, 3, 2, 1.5)
    counts.flush()
    names = ("seats", "seats_taken", "queue_length", "queue_estimate_seconds")
    assert [value(counts, name, deployment="gpu") for name in names] == [4, 3, 2, 1.5]


def test_what_came_of_those_that_found_no_seat() -> None:
    counts = counting()
    counts.rooms.declare(["gpu"])
    counts.rooms.waited("gpu", "seated", 0.3)
    counts.rooms.waited("gpu", "full", 0.0)
    counts.flush()
    results = ("seated", "full", "too_long", "gave_up")
    assert [value(counts, "queue_total", deployment="gpu", result=result) for result in results] == [1, 1, 0, 0]
    assert value(counts, "queue_wait_seconds_count", deployment="gpu") == 1
    assert value(counts, "queue_wait_seconds_sum", deployment="gpu") == 0.3
