"""The scenarios: how the load looks, and what the upstream does meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

START = "start"  # not a load: how long a start takes, and the memory when idle
SOAK = "soak"
HIT = "hit"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`upstream`: directives for `src/upstream.c`. `rate`: requests a second, open loop; `None`: closed loop."""

    name: str
    what: str
    connections: int
    body: str = "chat"
    upstream: str = "d0"
    rate: float | None = None

    @property
    def streamed(self) -> bool:
        return self.body == "stream"


def scenarios(rate: float) -> dict[str, Scenario]:
    """All there are, by name. `rate`: that of the open loop, in requests a second."""
    every = (
        Scenario(START, "from the start to the first answer, and memory then and when idle", 0),
        Scenario("c1", "closed loop, 1 connection: latency", 1),
        Scenario("c16", "closed loop, 16 connections", 16),
        Scenario("c64", "closed loop, 64 connections: throughput", 64),
        Scenario("c256", "closed loop, 256 connections", 256),
        Scenario("rate", f"open loop, {rate:g} a second; latency counts from the due time", 256, rate=rate),
        Scenario("think", "256 clients, an upstream that takes 200 ms", 256, upstream="d200"),
        Scenario("big", "32 KiB prompts, closed loop, 16 connections", 16, body="big"),
        Scenario("long", "2,000-token prompts, closed loop, 16 connections", 16, body="long"),
        Scenario("stream", "streams of 50 chunks back to back, 4 at once", 4, "stream", "n50"),
        Scenario("sse", "8 streams: first chunk after 20 ms, then one per 10 ms", 8, "stream", "d20-n20-c10"),
        Scenario(HIT, "the same request again and again, 64 connections: cache hits", 64, "same"),
        Scenario(SOAK, "memory after many streamed requests against after the first 1,000", 16, "stream", "n20"),
    )
    return {scenario.name: scenario for scenario in every}
