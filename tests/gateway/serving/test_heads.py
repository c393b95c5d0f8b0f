"""A user loses: a head that was promoted and that the running gateway never takes up."""

from __future__ import annotations

from pathlib import Path

from gateway.learning.heads import heads_of
from gateway.serving.heads import HeadWatch
from tests.gateway.learning.test_heads import learned


async def test_what_changed_is_noticed_once(tmp_path: Path) -> None:
    seen = []

    async def changed() -> None:
        seen.append(heads_of(tmp_path, "small").champion())

    watch = HeadWatch(tmp_path, changed)
    await watch.look()
    assert seen == []
    heads = heads_of(tmp_path, "small")
    learned(heads, "first", 1.0)
    await watch.look()
    await watch.look()
    assert seen == [heads.champion()]
    with heads.changing():
        heads.rollback(2.0)
    await watch.look()
    assert seen[1:] == [None]


async def test_what_was_there_at_the_start_is_nothing_new(tmp_path: Path) -> None:
    learned(heads_of(tmp_path, "small"), "first", 1.0)
    seen = []

    async def changed() -> None:
        seen.append(1)

    await HeadWatch(tmp_path, changed).look()
    assert seen == []
