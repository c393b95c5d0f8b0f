"""One budget in the memory of one process: many at once never pass the cap, nor leave more than a reservation."""

from __future__ import annotations

from collections.abc import Callable

from tests.harness.traffic import Act, at_once
from tests.harness.wait import until
from tests.money.ledgers import of_file
from tests.money.spending import (
    MEAN,
    SERVED,
    SPENT,
    Demand,
    assert_served_are_booked,
    configuration,
    seen,
    settled,
    spend_the_rest,
)
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams

AT_ONCE = 1600


def test_1600_at_once(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """All are under way before the first is answered; two thirds of them can be paid for."""
    cap = AT_ONCE * MEAN * 2 / 3
    gateway = start_gateway(configuration(upstreams.cloud, cap))
    demand, read = Demand(seed=1), of_file(gateway.ledger)
    answers = at_once(demand.asks([gateway], AT_ONCE), AT_ONCE)
    said = seen(answers)
    assert said.keys() == {SERVED, SPENT}, said
    answers += spend_the_rest(gateway, demand)
    found = settled(cap, read, upstreams.cloud)
    print(f"one process, {AT_ONCE} at once: {dict(said)}, then {found}")
    assert found.abandoned == 0
    assert found.billed == found.booked <= cap
    assert found.left < found.largest
    assert_served_are_booked(answers, read().entries)


def test_killed_in_between(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """What it had spent is in the ledger, what was under way counts with all that was held for it: nothing starts anew
    with the next process."""
    cap = AT_ONCE * MEAN * 2 / 3
    gateway = start_gateway(configuration(upstreams.cloud, cap))
    demand, read = Demand(seed=2), of_file(gateway.ledger)

    def kill_and_start(asked: int) -> Callable[[], None]:
        def act() -> None:
            until(f"{asked} requests", lambda: len(upstreams.cloud.journal.exchanges) >= asked, 30)
            gateway.kill()
            gateway.start()

        return act

    kills = [Act(0, kill_and_start(asked)) for asked in (150, 450)]
    answers = at_once(demand.asks([gateway], AT_ONCE), 200, kills)
    said = seen(answers)
    answers += spend_the_rest(gateway, demand)
    found = settled(cap, read, upstreams.cloud)
    print(f"one process, 200 at once, killed twice: {dict(said)}, then {found}")
    assert {"no answer", SERVED} <= said.keys()
    assert found.billed <= found.booked + found.abandoned <= cap
    assert found.left < found.largest
    assert_served_are_booked(answers, read().entries)
