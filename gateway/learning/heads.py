"""Heads on disk: what was learned for each small deployment, and which of it serves.

    STATE/heads/DEPLOYMENT/champion/     what serves
                           challenger/   what was fitted last and is not (yet) good enough; it is watched beside
                           previous-N/   what served before; the highest number served last
                           rolled-back/  what an operator took out of service last
                           next/         on its way to be the champion
                           history.json  which head served from when on

A directory cannot take another's place in one step, so there is one moment that counts: with `champion` gone and `next`
there, `next` is the champion, and who reads knows that. Whatever is left half done by a process that was killed is
either what was before, or what was wanted; the next change tidies it up.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHAMPION, CHALLENGER, NEXT, ROLLED_BACK = "champion", "challenger", "next", "rolled-back"
PREVIOUS = "previous-"
CARD_FILE = "card.json"
HISTORY_FILE = "history.json"
KEPT = 5  # heads that served before


class HeadsError(Exception):
    """What is to be done with heads cannot be done. The message says why."""


@dataclass(frozen=True, slots=True)
class Reign:
    """From `at` (seconds since the epoch) on, the head with this checksum served; empty: what serves without any."""

    at: float
    head: str


@dataclass(frozen=True, slots=True)
class Head:
    """One directory: what it is (`champion`, `previous-2`…), where, and its card."""

    role: str
    path: Path
    card: dict[str, Any]

    @property
    def checksum(self) -> str:
        return str(self.card.get("sha256", ""))


class Heads:
    """Those of one deployment. `directory` is `STATE/heads/DEPLOYMENT`; it need not be there."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def champion(self) -> Path | None:
        """The artifact that serves, if one was ever learned."""
        champion, following = self.directory / CHAMPION, self.directory / NEXT
        if champion.is_dir():
            return champion
        if following.is_dir():
            return following
        return champion if champion.is_dir() else None  # it may have been renamed between the two looks

    def challenger(self) -> Path | None:
        path = self.directory / CHALLENGER
        return path if path.is_dir() else None

    def all(self) -> list[Head]:
        """The champion, the challenger, what served before (the latest first), what was rolled back."""
        paths = [(CHAMPION, self.champion()), (CHALLENGER, self.challenger())]
        paths += [(path.name, path) for path in reversed(self._previous())]
        rolled_back = self.directory / ROLLED_BACK
        paths += [(ROLLED_BACK, rolled_back)] if rolled_back.is_dir() else []
        return [Head(role, path, _card(path)) for role, path in paths if path is not None]

    def reigns(self) -> list[Reign]:
        """Which head served from when on, the earliest first. What was planned and did not come to be is left out."""
        serving = self.champion()
        checksum = "" if serving is None else str(_card(serving).get("sha256", ""))
        reigns = self._history()
        while reigns and reigns[-1].head != checksum:
            reigns.pop()
        return reigns

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Held by whoever changes anything. Raises `HeadsError` where somebody else does."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with (self.directory / ".lock").open("ab") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as error:
                    raise HeadsError(f"{self.directory}: another process is changing it; try again later") from error
                self._tidy()
                yield
        except OSError as error:
            raise HeadsError(f"{error.filename or self.directory}: {error.strerror or error}") from error

    def draft(self) -> Path:
        """An empty directory for a challenger to be written into. To be done inside `changing`, as all below."""
        draft = self.directory / ".draft"
        _removed(draft)
        draft.mkdir()
        return draft

    def on_trial(self) -> None:
        """What was drafted is the challenger."""
        self._replaced(self.directory / ".draft", self.directory / CHALLENGER)

    def promote(self, now: float) -> None:
        """The challenger becomes the champion, and the champion the latest of those before. Raises `HeadsError`."""
        challenger = self.challenger()
        if challenger is None:
            raise HeadsError(f"{self.directory}: there is no challenger")
        self._remember(now, str(_card(challenger).get("sha256", "")))
        champion, following = self.directory / CHAMPION, self.directory / NEXT
        if champion.is_dir():
            _flushed(challenger)
            challenger.rename(following)
            champion.rename(self.directory / f"{PREVIOUS}{self._highest() + 1}")
            following.rename(champion)
        else:
            _flushed(challenger)
            challenger.rename(champion)
        _flushed(self.directory)
        for old in self._previous()[:-KEPT]:
            _removed(old)

    def rollback(self, now: float) -> str:
        """What served before the champion serves again; returns its role. Raises `HeadsError` without a champion."""
        champion = self.directory / CHAMPION
        if not champion.is_dir():
            raise HeadsError("no learned head serves: there is nothing to roll back")
        previous = self._previous()
        if not previous:
            self._remember(now, "")
            self._replaced(champion, self.directory / ROLLED_BACK)
            return "shipped"
        latest = previous[-1]
        draft = self.draft()
        shutil.copytree(latest, draft, dirs_exist_ok=True)
        _flushed(draft)
        self._remember(now, str(_card(latest).get("sha256", "")))
        _removed(self.directory / ROLLED_BACK)
        draft.rename(self.directory / NEXT)
        champion.rename(self.directory / ROLLED_BACK)
        (self.directory / NEXT).rename(champion)
        _removed(latest)
        _flushed(self.directory)
        return latest.name

    def _tidy(self) -> None:
        """Ends, or takes back, what a process that was killed had begun."""
        champion, following = self.directory / CHAMPION, self.directory / NEXT
        if following.is_dir():
            if champion.is_dir():
                _removed(following)
            else:
                following.rename(champion)
        latest = self._previous()[-1:]
        if champion.is_dir() and latest and _card(latest[0]).get("sha256") == _card(champion).get("sha256"):
            _removed(latest[0])  # a rollback came that far
        for path in self.directory.glob(".gone-*"):
            shutil.rmtree(path, ignore_errors=True)

    def _replaced(self, source: Path, target: Path) -> None:
        _removed(target)
        source.rename(target)
        _flushed(self.directory)

    def _previous(self) -> list[Path]:
        """The earliest first."""
        found = [path for path in self.directory.glob(f"{PREVIOUS}*") if path.name.removeprefix(PREVIOUS).isdecimal()]
        return sorted(found, key=lambda path: int(path.name.removeprefix(PREVIOUS)))

    def _highest(self) -> int:
        return max((int(path.name.removeprefix(PREVIOUS)) for path in self._previous()), default=0)

    def _history(self) -> list[Reign]:
        try:
            stored = json.loads((self.directory / HISTORY_FILE).read_bytes())
            return [Reign(float(each["at"]), str(each["head"])) for each in stored]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def _remember(self, now: float, checksum: str) -> None:
        """Before the step that counts; `reigns` leaves out what did not come to be."""
        reigns = [*self.reigns(), Reign(now, checksum)][-100:]
        fresh = self.directory / f".{HISTORY_FILE}.new"
        fresh.write_text(json.dumps([{"at": reign.at, "head": reign.head} for reign in reigns]), encoding="utf-8")
        _flushed(fresh)
        fresh.replace(self.directory / HISTORY_FILE)


def all_heads(state_directory: Path) -> dict[str, Heads]:
    """By deployment, those that have any."""
    directory = state_directory / "heads"
    found = sorted(path for path in directory.glob("*") if path.is_dir())
    return {path.name: Heads(path) for path in found}


def heads_of(state_directory: Path, deployment: str) -> Heads:
    return Heads(state_directory / "heads" / deployment)


def stamp(state_directory: Path) -> dict[str, tuple[int, int, int, int]]:
    """Something that changes when a champion or a challenger does; a few looks at the disk."""
    found = {}
    for name, heads in all_heads(state_directory).items():
        found[name] = (*_stamp(heads.champion()), *_stamp(heads.challenger()))
    return found


def _stamp(path: Path | None) -> tuple[int, int]:
    if path is None:
        return 0, 0
    try:
        status = (path / CARD_FILE).stat()
    except OSError:
        return 0, 0
    return status.st_ino, status.st_mtime_ns


def _card(directory: Path) -> dict[str, Any]:
    try:
        card = json.loads((directory / CARD_FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}


def _removed(path: Path) -> None:
    """Out of the way in one step, and then gone: half of a directory is never seen under its name."""
    if path.is_dir():
        gone = path.with_name(f".gone-{os.getpid()}-{path.name}")
        shutil.rmtree(gone, ignore_errors=True)
        path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _flushed(path: Path) -> None:
    """On the disk, with all that is in it, before the next step."""
    for each in (*(path.iterdir() if path.is_dir() else ()), path):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
