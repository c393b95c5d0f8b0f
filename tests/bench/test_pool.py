"""If these fail, the numbers that docs/resilience.md shows are not what the gateway's parts do."""

from __future__ import annotations

from statistics import mean

from bench.pool import affinity, balancing, fairness, played


def test_a_quiet_key_waits_less_where_keys_take_turns() -> None:
    assert mean(played(fairness(400, fair=True))) < 0.2 * mean(played(fairness(400, fair=False)))


def test_the_slow_server_is_spared_by_load() -> None:
    """Though nobody said by a weight that it is slow."""
    assert mean(played(balancing(1500, "least-busy", slow=1))) < 0.9 * mean(played(balancing(1500, "weighted")))


def test_conversations_that_stay_are_read_once() -> None:
    wandering, _ = played(affinity(1600, stays=False))
    staying, uneven = played(affinity(1600, stays=True))
    assert staying > 0.6 > 0.4 > wandering
    assert uneven < 0.25
