"""Shape errors in plain words, all at once."""

from __future__ import annotations

from gateway.config.shape import nearest
from tests.gateway.config.harness import BASE, said


def test_the_nearest_name_is_asked_for() -> None:
    assert nearest("zon", ["zone", "engine"]) == "did you mean 'zone'?"
    assert nearest("xyz", ["zone", "engine"]) == ""
    assert nearest("a", []) == ""


def test_everything_wrong_is_said_at_once() -> None:
    text = """\
    deployments:
      small: {zon: local, engine: openai, base_url: "http://203.0.113.7/v1", zone: local}
      large:
        zone: cloud
        engine: opnai
        price: {tokens: {inpt: 1, output: cheap}}
        timeouts: {connect: 0}
    routes:
      auto: {small: [smal], large: [large]}
    keys:
      - {name: a, key: 17}
      - nobody
    polcy: {}
    """
    assert [line.partition(": ")[0] + " " + line.partition(": ")[2].partition(";")[0] for line in said(text)] == [
        ":2 deployments.small.zon: unknown key 'zon'",
        ":2 deployments.small.base_url: 'http://203.0.113.7/v1' looks public, but the zone is local",
        ":5 deployments.large.engine: must be 'embedded', 'openai' or 'litellm', not 'opnai'",
        ":6 deployments.large.price.tokens.input: is missing",
        ":6 deployments.large.price.tokens.inpt: unknown key 'inpt'",
        ":6 deployments.large.price.tokens.output: must be a number, not 'cheap'",
        ":7 deployments.large.timeouts.connect: must be greater than 0, not '0'",
        ":9 routes.auto.small[0]: there is no deployment 'smal'",
        ":12 keys[1]: must be a mapping of settings",
        ":13 polcy: unknown key 'polcy'",
    ]


def test_lists_and_mappings_are_told_apart() -> None:
    assert said("deployments: [a]\nroutes: 5\n") == [
        ":1: deployments: must be a mapping of names to settings",
        ":2: routes: must be a mapping of names to settings, not '5'",
    ]
    assert said(BASE + "keys: {a: 1}\nstate: [x]\n") == [
        ":6: keys: must be a list; write [a, b]",
        ":7: state: must be a single text",
    ]


def test_long_values_are_cut() -> None:
    (found,) = said(BASE + f"server: {{port: {'9' * 500}}}\n")
    assert len(found) < 200
