"""Scanners: one for each set of terms, patterns and plug-ins; a reload that changes nothing about them keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from gateway.config.loaded import Loaded
from gateway.detection.known import made
from gateway.detection.outside import Outside
from router.sensitivity.detector import Detector
from router.sensitivity.detectors.own import OwnDetector, OwnType
from router.sensitivity.scanner import Scanner


@dataclass(frozen=True, slots=True)
class Configured:
    """A scanner, and those of its detectors that work outside it."""

    scanner: Scanner
    quick: Scanner  # the same without those
    outside: tuple[Outside, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether a scan may wait for somebody: then it must not be done where others would wait for it."""
        return bool(self.outside)

    def close(self) -> None:
        for each in self.outside:
            each.close()


def configured(loaded: Loaded) -> Configured:
    """What a configuration says to look for. Compiles everything; starts the plug-ins."""
    detection = loaded.settings.detection
    names = sorted({*loaded.terms, *detection.patterns})
    own = [OwnType(name, loaded.terms.get(name, ()), detection.patterns.get(name, ())) for name in names]
    outside = tuple(
        Outside(plugin.name, partial(made, plugin.name, plugin.options), timeout=plugin.timeout, waiting=plugin.waiting)
        for plugin in detection.plugins
    )
    further: list[Detector] = [OwnDetector(own)] if own else []
    quick = Scanner.default(further)
    return Configured(Scanner.default((*further, *outside)) if outside else quick, quick, outside)


class Scanners:
    """The scanner of the configuration in force."""

    def __init__(self) -> None:
        self._current: tuple[object, Configured] | None = None

    def of(self, loaded: Loaded) -> Configured:
        """The same as before where what it looks for is the same."""
        wanted = (loaded.settings.detection, loaded.terms)
        if self._current is None or self._current[0] != wanted:
            if self._current is not None:
                self._current[1].close()
            self._current = (wanted, configured(loaded))
        return self._current[1]

    def close(self) -> None:
        if self._current is not None:
            self._current[1].close()
