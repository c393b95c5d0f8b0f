"""Fills in commands, settings and configuration files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_CONF = re.compile(r"\{conf:([\w.-]+)\}")
_NAME = re.compile(r"\{(\w+)\}")
_MARK = re.compile(r"@([A-Z_0-9]+)@")


def filled(text: str, values: Mapping[str, str]) -> str:
    """`{name}` replaced; values may hold names themselves. Raises `KeyError` for a name that has no value."""
    while _NAME.search(text):
        text = _NAME.sub(lambda found: values[found[1]], text)
    return text


class Templates:
    """`values` by name; `conf` is the folder of the templates, `tmp` that of the files made from them."""

    def __init__(self, values: Mapping[str, str], conf: Path, tmp: Path) -> None:
        self._values, self._conf, self._tmp = values, conf, tmp

    def fill(self, text: str) -> str:
        return filled(_CONF.sub(lambda found: str(self._made(found[1])), text), self._values)

    def _made(self, name: str) -> Path:
        template = (self._conf / f"{name}.in").read_text(encoding="utf-8")
        made = self._tmp / name
        made.write_text(_MARK.sub(self._value, template), encoding="utf-8")
        return made

    def _value(self, found: re.Match[str]) -> str:
        return filled(self._values[found[1].lower()], self._values)
