"""`tidegate teams`: what is said of a team holds for its keys, and is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.access.keys import hash_key
from gateway.cli.main import main
from tests.gateway.cli.test_keys import configured, made, ring


def teams(file: Path, words: str) -> int:
    return main(["teams", *words.split(), "--config", str(file)])


def test_a_team_is_made_changed_shown_and_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = configured(tmp_path, f'keys:\n  - {{name: dev, team: lab, hash: "{hash_key("y" * 20)}"}}\n')
    assert teams(file, "new lab --locality local --rpm 5 --budget 50/month") == 0
    key = made(file, capsys, "--name", "ann", "--team", "lab")
    assert str(ring(file).identify(key.encode()).clearance) == "local"
    assert str(ring(file).identify(b"y" * 20).clearance) == "local"
    assert teams(file, "list") == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split() == ["NAME", "LOCALITY", "REGION", "LIMITS", "BUDGETS", "SOURCE"]
    assert row.split()[:3] == ["lab", "local", "-"]
    assert "5 requests/min" in row
    assert "budget: $50 a month" in row
    assert teams(file, "set lab --region fr") == 0
    principal = ring(file).identify(key.encode())
    assert (str(principal.clearance), principal.asker.region, principal.budgets) == ("any", "fr", ())
    capsys.readouterr()
    assert teams(file, "remove lab") == 2
    assert "2 keys belong to the team 'lab'" in capsys.readouterr().err
    assert teams(file, "new zoo") == 0
    assert teams(file, "remove zoo") == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("new house", "The configuration has a team 'house'."),
        ("new a --locality home+", "'home+' is no clearance"),
        ("new a --budget 5/fortnight", "'fortnight' is no length of a rolling budget"),
        ("new a --budget 1e30/day", "`amount`: Input should be less than or equal to 1000000000."),
        ("new a --tpm 100000000001", "`tokens_per_minute`: Input should be less than or equal to 100000000000."),
        ("set nobody", "There is no stored team 'nobody'."),
        ("remove house", "stands in the configuration"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    file = configured(tmp_path, "teams: {house: {region: fr}}\n")
    assert teams(file, words) == 2
    assert said in capsys.readouterr().err


def test_of_none_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = configured(tmp_path)
    assert teams(file, "list") == 0
    assert "No teams" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [file]
