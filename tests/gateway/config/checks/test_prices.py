"""A price that says nothing, or two things, is refused before it is billed."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import deployment, said

AT_HOME = 'zone: local, engine: openai, base_url: "http://127.0.0.1:1/v1", price: '


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ("{}", ":2: deployments.d.price: needs exactly one of tokens and machine"),
        (
            "{tokens: {input: 1, output: 1}, machine: {per_hour: 1}}",
            ":2: deployments.d.price: needs exactly one of tokens and machine",
        ),
        (
            "{machine: {watts: 5}}",
            ":2: deployments.d.price.machine: watts and per_kwh count only together; give both, or per_hour",
        ),
        (
            "{machine: {per_hour: 1, measured: /sys/energy_uj}}",
            ":2: deployments.d.price.machine.measured: needs watts; give the most that the machine can draw",
        ),
        (
            "{machine: {watts: 5, per_kwh: 1, measured: /proc/cpuinfo}}",
            ":2: deployments.d.price.machine.measured: is no file in which Linux tells what a machine draws; name a "
            "file that is called energy_uj, power1_input or power1_average",
        ),
    ],
)
def test_a_price_that_is_none(price: str, message: str) -> None:
    assert said(deployment(AT_HOME + price)) == [message]


@pytest.mark.parametrize("name", ["energy_uj", "power1_input", "power12_average"])
def test_what_linux_calls_its_gauges(name: str) -> None:
    assert said(deployment(f"{AT_HOME}{{machine: {{watts: 5, per_kwh: 1, measured: /sys/class/{name}}}}}")) == []


def test_one_host_has_one_gauge() -> None:
    text = """\
    deployments:
      a: {zone: local, engine: openai, base_url: "http://127.0.0.1:1/v1", price: {machine: {watts: 5, per_kwh: 1, measured: /a/energy_uj}}}
      b: {zone: local, engine: openai, base_url: "http://localhost:2/v1", price: {machine: {watts: 5, per_kwh: 1, measured: /b/energy_uj}}}
      c: {zone: local, engine: openai, base_url: "http://gpu.lan:2/v1", price: {machine: {watts: 5, per_kwh: 1, measured: /b/energy_uj}}}
    routes:
      auto: {small: [a, b, c]}
    """  # noqa: E501
    assert said(text) == [
        ":3: deployments.b.price.machine.measured: what localhost draws is read from /a/energy_uj already; name the "
        "same file for all models of one host"
    ]
