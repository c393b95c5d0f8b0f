"""`tidegate keys`: what is printed works when it is pasted, and nothing shows a key twice."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.access.directory import Directory
from gateway.access.keys import Keyring, hash_key
from gateway.access.place import access_url
from gateway.cli.main import main
from gateway.config.load import load
from gateway.config.quota import Limits
from gateway.serving.supervisor import with_keys
from gateway.wire.errors import Unauthenticated, WrongKey
from tests.gateway.config.harness import BASE


@pytest.mark.parametrize("name", ["dev", "no", "1", "a@b.example"])
def test_the_lines_of_a_new_key_can_be_pasted(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "new", "--yaml", "--name", name, "--team", "on"]) == 0
    key, _, lines = capsys.readouterr().out.partition("\n")
    assert key not in lines
    file = tmp_path / "t.yaml"
    file.write_text(BASE + lines)
    loaded = load(file, environ={})
    assert loaded.warnings == ()
    principal = Keyring(loaded.settings.keys).identify(key.encode())
    assert (principal.name, principal.team) == (name, "on")


def test_every_key_is_another(capsys: pytest.CaptureFixture[str]) -> None:
    main(["keys", "new", "--yaml", "--name", "a"])
    first = capsys.readouterr().out
    main(["keys", "new", "--yaml", "--name", "a"])
    assert capsys.readouterr().out.partition("\n")[0] != first.partition("\n")[0]
    assert "team" not in first


@pytest.mark.parametrize(
    "words",
    [
        ["new"],
        ["new", "--name", "a b"],
        ["new", "--name", "a", "--team", ""],
        ["new", "--name", "a", "--rpm", "-1"],
        ["new", "--name", "a", "--budget", "50"],
        ["new", "--name", "a", "--budget", "nan/day"],
        ["new", "--name", "a", "--role", "boss"],
        ["new", "--name", "a", "--expires", "soon"],
        ["rotate", "a", "--overlap", "long"],
        ["expire", "a"],
        [],
        ["old"],
    ],
)
def test_wrong_arguments_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["keys", *words])
    assert caught.value.code == 2
    assert capsys.readouterr().err


def test_the_list_shows_whose_keys_there_are_and_no_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = "tg-secretSecretSecretSecret"
    other = hash_key("x" * 20)
    file = configured(
        tmp_path,
        f"keys:\n  - {{name: dev, key: {key}, routes: [auto], locality: local}}\n"
        f'  - {{name: ops, team: t, role: admin, hash: "{other}"}}\n'
        f'  - {{name: none, hash: "{hash_key("y" * 20)}", routes: []}}\n',
    )
    stored = made(file, capsys, "--name", "ann", "--team", "t", "--expires", "2099-01-01")
    assert main(["keys", "list", "--config", str(file)]) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()]
    assert rows[0] == ["NAME", "TEAM", "ROLE", "ROUTES", "LOCALITY", "KEY", "STATUS", "EXPIRES"]
    assert rows[1] == ["ann", "t", "caller", "all", "any", stored[:8] + "…", "active", "2099-01-01", "00:00Z"]
    assert rows[2] == ["dev", "-", "caller", "auto", "local", hash_key(key)[:15] + "…", "configured", "-"]
    assert rows[3][3] == "none"
    assert rows[4] == ["ops", "t", "admin", "all", "any", other[:15] + "…", "configured", "-"]
    for secret in (key, other, stored):
        assert secret not in out
    assert main(["keys", "list", "--team", "t", "--config", str(file)]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["NAME", "ann", "ops"]


def configured(directory: Path, more: str = "") -> Path:
    file = directory / "t.yaml"
    file.write_text(BASE + more)
    return file


def made(file: Path, capsys: pytest.CaptureFixture[str], *words: str, action: str = "new") -> str:
    capsys.readouterr()
    assert main(["keys", action, *words, "--config", str(file)]) == 0
    said = capsys.readouterr()
    (key,) = said.out.splitlines()
    assert key not in said.err
    return key


def ring(file: Path, *, at: float | None = None) -> Keyring:
    """What a worker that starts then knows."""
    loaded = with_keys(load(file, environ={}))
    directory = Directory(access_url(loaded), loaded.settings.access.secret.get_secret_value(), time.monotonic)

    async def filled() -> None:
        await directory.refresh()
        await directory.close()

    asyncio.run(filled())
    return Keyring(loaded.settings.keys, known=directory, clock=lambda: time.time() if at is None else at)


def test_a_stored_key_is_good_at_once_with_all_that_was_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = configured(tmp_path)
    words = "--name ann --team lab --owner Ann --routes auto --role viewer --tags x,y --locality local --region fr"
    bounds = "--priority low --rpm 60 --tpm 9000 --concurrent 2 --budget 2.50/day"
    key = made(file, capsys, *words.split(), *bounds.split())
    principal = ring(file).identify(key.encode())
    assert (principal.name, principal.team, principal.routes) == ("ann", "lab", frozenset({"auto"}))
    assert (str(principal.role), str(principal.clearance)) == ("viewer", "local")
    assert (principal.priority, set(principal.tags)) == ("low", {"x", "y"})
    assert principal.limits == Limits(requests_per_minute=60, tokens_per_minute=9000, concurrent=2)
    ((name, budget),) = principal.budgets
    assert (name, budget.amount, budget.period, budget.key) == ("keys.ann.budget", Decimal("2.50"), "day", "ann")
    assert main(["keys", "show", "ann", "--config", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "created by command line" in shown
    assert "60 requests/min, 9000 tokens/min, 2 at once" in shown
    assert key not in shown


def test_a_key_is_rotated_ended_and_revoked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = configured(tmp_path)
    first = made(file, capsys, "--name", "ann")
    second = made(file, capsys, "ann", "--overlap", "1h", action="rotate")
    assert {ring(file).identify(key.encode()).name for key in (first, second)} == {"ann"}
    later = ring(file, at=time.time() + 3601)
    assert later.identify(second.encode()).name == "ann"
    with pytest.raises(Unauthenticated):
        later.identify(first.encode())
    assert main(["keys", "expire", "ann", "--at", "2d", "--config", str(file)]) == 0
    assert ring(file, at=time.time() + 172_000).identify(second.encode()).name == "ann"
    with pytest.raises(Unauthenticated):
        ring(file, at=time.time() + 172_900).identify(second.encode())
    assert main(["keys", "expire", "ann", "--never", "--config", str(file)]) == 0
    assert ring(file, at=time.time() + 172_900).identify(second.encode()).name == "ann"
    assert main(["keys", "revoke", "ann", "--config", str(file)]) == 0
    with pytest.raises(WrongKey):
        ring(file).identify(second.encode())
    capsys.readouterr()
    assert main(["keys", "list", "--config", str(file)]) == 0
    assert "ann" not in capsys.readouterr().out
    assert main(["keys", "list", "--all", "--config", str(file)]) == 0
    assert "revoked" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("new --name dev", "The configuration has a key 'dev'."),
        ("new --name ann", "names are not given twice"),
        ("new --name bob --routes nowhere", "there is no route 'nowhere'"),
        ("new --name bob --locality home+", "'home+' is no clearance"),
        ("new --name bob --expires 2001-01-01", "is in the past"),
        ("rotate dev", "stands in the configuration"),
        ("revoke nobody", "There is no stored key 'nobody'."),
        ("show nobody", "There is no stored key 'nobody'."),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    file = configured(tmp_path, f'keys:\n  - {{name: dev, hash: "{hash_key("y" * 20)}"}}\n')
    made(file, capsys, "--name", "ann")
    assert main(["keys", *words.split(), "--config", str(file)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"tidegate keys {words.split()[0]}: ")
    assert said in error


def test_looking_makes_no_database(tmp_path: Path) -> None:
    file = configured(tmp_path)
    assert main(["keys", "list", "--config", str(file)]) == 0
    assert main(["keys", "show", "ann", "--config", str(file)]) == 2
    assert list(tmp_path.iterdir()) == [file]


def test_a_configuration_without_keys_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "list", "--config", str(configured(tmp_path))]) == 0
    assert "No keys are configured or stored" in capsys.readouterr().out


def test_a_wrong_configuration_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "list", "--config", str(tmp_path / "no.yaml")]) == 2
    assert "cannot be read" in capsys.readouterr().err
