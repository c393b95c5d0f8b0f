"""If these fail, a worker runs with something else than what was checked. More: test_snapshot.py."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.config.kinds import Secret
from gateway.config.plain import decoded, encoded


@dataclass(frozen=True, slots=True)
class Thing:
    where: Path
    secret: Secret | None
    names: tuple[str, ...] = ()


@pytest.mark.parametrize("thing", [Thing(Path("/a b/é\n"), Secret('s"\n'), ("x", "")), Thing(Path(), None)])
def test_there_and_back(thing: Thing) -> None:
    raw = encoded(thing)
    assert b"\n" not in raw
    assert decoded(raw, Thing) == thing


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b'{"where":1,"secret":null,"names":[]}',
        b'{"where":"a","secret":2,"names":[]}',
        b'{"where":"a","secret":null}',
        b'{"where":"a","secret":null,"names":[],"more":1}',
        b'{"where": "a", "secret": null, "names": []}',
    ],
)
def test_what_was_not_written_here_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        decoded(raw, Thing)


def test_what_is_no_setting_is_not_written() -> None:
    with pytest.raises(TypeError, match="object"):
        encoded(object())
