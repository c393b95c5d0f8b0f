"""`tidegate keys`: what is printed works when it is pasted, and nothing shows a key twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.access.keys import Keyring, hash_key
from gateway.cli.main import main
from gateway.config.load import load
from tests.gateway.config.harness import BASE


@pytest.mark.parametrize("name", ["dev", "no", "1", "a@b.example"])
def test_the_lines_of_a_new_key_can_be_pasted(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "new", "--name", name, "--team", "on"]) == 0
    key, _, lines = capsys.readouterr().out.partition("\n")
    assert key not in lines
    file = tmp_path / "t.yaml"
    file.write_text(BASE + lines)
    loaded = load(file, environ={})
    assert loaded.warnings == ()
    principal = Keyring(loaded.settings.keys).identify(key.encode())
    assert (principal.name, principal.team) == (name, "on")


def test_every_key_is_another(capsys: pytest.CaptureFixture[str]) -> None:
    main(["keys", "new", "--name", "a"])
    first = capsys.readouterr().out
    main(["keys", "new", "--name", "a"])
    assert capsys.readouterr().out.partition("\n")[0] != first.partition("\n")[0]
    assert "team" not in first


@pytest.mark.parametrize(
    "words", [["new"], ["new", "--name", "a b"], ["new", "--name", "a", "--team", ""], [], ["old"]]
)
def test_wrong_arguments_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["keys", *words])
    assert caught.value.code == 2
    assert capsys.readouterr().err


def test_the_list_shows_whose_keys_there_are_and_no_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.yaml"
    key = "tg-secretSecretSecretSecret"
    other = hash_key("x" * 20)
    file.write_text(
        f"{BASE}keys:\n  - {{name: dev, key: {key}, routes: [auto], locality: local}}\n"
        f'  - {{name: ops, team: t, hash: "{other}"}}\n  - {{name: none, hash: "{hash_key("y" * 20)}", routes: []}}\n'
    )
    assert main(["keys", "list", "--config", str(file)]) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()]
    assert rows[0] == ["NAME", "TEAM", "ROUTES", "LOCALITY", "HASH"]
    assert rows[1] == ["dev", "-", "auto", "local", hash_key(key)[:15] + "…"]
    assert rows[2] == ["ops", "t", "all", "any", other[:15] + "…"]
    assert rows[3][2] == "none"
    assert key not in out
    assert other not in out


def test_a_configuration_without_keys_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(BASE)
    assert main(["keys", "list", "--config", str(file)]) == 0
    assert "No keys are configured" in capsys.readouterr().out


def test_a_wrong_configuration_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "list", "--config", str(tmp_path / "no.yaml")]) == 1
    assert "cannot be read" in capsys.readouterr().err
