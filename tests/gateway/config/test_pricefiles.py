"""Prices change; a price file says from when on. What is wrong in one is told with its own file and line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.price import TokenPrice
from gateway.config.problems import ConfigurationError
from gateway.config.snapshot import Snapshot
from tests.gateway.config.harness import BASE


def loaded(directory: Path, prices: str = "prices") -> Loaded:
    file = directory / "tidegate.yaml"
    file.write_text(f"{BASE}prices: {prices}\n")
    return load(file, environ={})


def said(directory: Path, prices: str = "prices") -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(directory, prices)
    return [str(problem).replace(f"{directory}/", "") for problem in caught.value.problems]


def folder(directory: Path, **files: str) -> Path:
    place = directory / "prices"
    place.mkdir()
    for name, text in files.items():
        (place / f"{name}.yaml").write_text(text)
    return place


def test_a_directory_is_read_in_the_order_of_its_dates(tmp_path: Path) -> None:
    folder(
        tmp_path,
        a='since: 2026-03-01T00:00:00+01:00\ndeployments: {large: {tokens: {input: "3", output: 15}}}\n',
        b='since: 2026-01-01\nmodels: {openai/gpt-4o: {input: "2.50", output: 10, above: {200000: {input: 5}}}}\n',
    )
    first, second = loaded(tmp_path).prices
    assert (first.file, second.file) == ("b.yaml", "a.yaml")
    assert first.since == 1767225600  # 2026-01-01T00:00:00Z
    assert second.since == 1772319600  # an hour before midnight UTC
    assert first.models["openai/gpt-4o"].above[200_000].input == 5
    assert second.deployments["large"].tokens == TokenPrice(input=Decimal(3), output=Decimal(15))


def test_one_file_is_enough(tmp_path: Path) -> None:
    (tmp_path / "now.yaml").write_text("since: 2026-01-01\nmodels: {m: {input: 1, output: 1}}\n")
    (dated,) = loaded(tmp_path, "now.yaml").prices
    assert dated.file == "now.yaml"


def test_workers_are_handed_what_was_read(tmp_path: Path) -> None:
    folder(tmp_path, a="since: 2026-01-01\nmodels: {m: {input: 1, output: 1, above: {7: {input: 2}}}}\n")
    snapshot = Snapshot(1, loaded(tmp_path), {})
    assert Snapshot.from_json(snapshot.to_json()).loaded.prices == snapshot.loaded.prices


def test_everything_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    folder(
        tmp_path,
        a="since: soon\ndeployments:\n  lrge: {tokens: {input: 1, output: 1}}\n  small: {}\nmodels:\n  m: {input: 1}\n",
        b="since: 2026-01-01\ndeployments:\n  lrge: {tokens: {input: 1, output: 1}}\n  small: {}\n",
        c="since: soon\n",
        d="since: 2026-01-01\nmodels: {m: {input: 1, output: 1, tiers: {default: {input: 2}}, inputs: 1}}\n",
        e="- 1\n",
        f="since: 2026-01-02\nmodels:\n  m: {input: 1, output: 1, above: {0: {}}, tiers: {default: {input: 2}, X: {}}}",
    )
    assert said(tmp_path) == [
        "prices/a.yaml:6: models.m.output: is missing; tokens of the answer, reasoning included.",
        "prices/b.yaml:3: deployments.lrge: there is no such deployment; did you mean 'large'?",
        "prices/b.yaml:4: deployments.small: needs exactly one of tokens and machine",
        "prices/c.yaml:1: since: 'soon' is no time; write a date such as 2026-01-31, or a time such as "
        "2026-01-31T00:00:00+01:00",
        "prices/d.yaml:2: models.m.inputs: unknown key 'inputs'; did you mean 'input'?",
        "prices/e.yaml:1: holds a list where settings are expected; start with `since:`",
        "prices/f.yaml:3: models.m.above.0: 0 is no length of a prompt; write a number of tokens, such as 200000",
        "prices/f.yaml:3: models.m.tiers.default: is the usual tier; give its rates without a tier",
        "prices/f.yaml:3: models.m.tiers.X: is no word for a service tier; write the provider's, such as flex or "
        "priority",
    ]


def test_two_prices_from_one_moment_on_are_refused(tmp_path: Path) -> None:
    text = "since: 2026-01-01\nmodels: {m: {input: 1, output: 1}}\n"
    folder(tmp_path, a=text, b=text)
    (problem,) = said(tmp_path)
    assert "models.m: has two prices from the same time on, in a.yaml and b.yaml; remove one" in problem


@pytest.mark.parametrize(("prices", "message"), [("absent.yaml", "cannot be read"), ("empty", "holds 0 price files")])
def test_what_is_not_there(tmp_path: Path, prices: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    (problem,) = said(tmp_path, prices)
    assert message in problem
