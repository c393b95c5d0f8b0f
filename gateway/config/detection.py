"""Detection: the settings that say what is looked for besides what ships."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from gateway.config.kinds import Within
from gateway.config.strict import Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin(Strict):
    """A further detector, of a package that you install."""

    name: str
    """`presidio`, `credsweeper`, `gliner`, or an entry point of the group `tidegate.detectors`."""
    timeout: Annotated[float, Within(gt=0, le=60)] = 2.0
    """Seconds for one text, waiting included. What takes longer counts as not read, and stays `local`."""
    waiting: Annotated[int, Within(ge=1, le=1024)] = 16
    """How many texts may wait for it. What finds no place counts as not read, and stays `local`."""
    options: dict[str, str] = field(default_factory=dict)
    """What it is to be told, such as `language: de`; see [Detection](detection.md#plug-ins)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection(Strict):
    """Terms, patterns and detectors of your own, each with a type that rules of the policy can name."""

    terms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Words and phrases by type, such as `PROJECT: [Bluebird]`: whole words, whatever their case and accents."""
    term_files: dict[str, str] = field(default_factory=dict)
    """Files of terms by type: one a line, UTF-8, `#` begins a comment. A relative path starts at the configuration."""
    patterns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Regular expressions in [RE2](https://github.com/google/re2/wiki/Syntax) by type, such as
    `EMPLOYEE_ID: ['E-\\d{6}']`. They see the text without accents; no letter or digit may touch what they match."""
    plugins: tuple[Plugin, ...] = ()
    """Further detectors. Each text is then read in a thread of its own."""

    @property
    def types(self) -> frozenset[str]:
        """The types of its terms and patterns."""
        return frozenset((*self.terms, *self.term_files, *self.patterns))
