"""Finder: has Python import the compiled modules of Tidegate, as long as their sources are what they were made of.

`native.py` puts a copy beside the environment's packages, where each start of Python finds it, so it imports little.
All modules or none: they call each other directly, so one that was edited would be passed over by the others.
TIDEGATE_PURE=1 says none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

LIBRARY = "tidegate_compiled"
OFF = "TIDEGATE_PURE"
_PACKAGES = ("router.", "gateway.")
_SHARED = "tidegate_"  # libraries that the compiled modules share


class CompiledFinder:
    """Looks into `library` once a module of Tidegate is imported, and goes by the sources that stand there then."""

    def __init__(self, library: str) -> None:
        self._library = library
        self._root: str | None = None  # what the packages lie in
        self._modules: Mapping[str, str] = {}

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002 -- importlib's signature
    ) -> ModuleSpec | None:
        if path and name.startswith(_PACKAGES):
            root = os.path.abspath(path[0])
            for _ in range(name.count(".")):
                root = os.path.dirname(root)
            if self._root is None:
                self._root, self._modules = root, usable(self._library, root)
            if root != self._root:
                return None
        elif path or not name.startswith(_SHARED):
            return None
        place = self._modules.get(name)
        if place is None:
            return None
        from importlib.util import spec_from_file_location

        return spec_from_file_location(name, os.path.join(self._library, place))


def usable(library: str, root: str) -> Mapping[str, str]:
    """Module → file below `library`; nothing where any source below `root` is not what was compiled."""
    import hashlib
    import json

    try:
        with open(os.path.join(library, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        for source, digest in manifest["sources"].items():
            with open(os.path.join(root, source), "rb") as file:
                if hashlib.sha256(file.read()).hexdigest() != digest:
                    return {}
        modules: Mapping[str, str] = manifest["modules"]
        return modules if manifest["python"] == sys.version else {}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def install() -> None:
    """Called as Python starts."""
    if os.environ.get(OFF, "") in ("", "0"):
        library = os.path.join(os.path.dirname(os.path.abspath(__file__)), LIBRARY)
        sys.meta_path.insert(0, CompiledFinder(library))
