"""What a class of the gateway has, as its source says it: a copy must not leave anything out."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def assigned(module: str, name: str) -> list[str]:
    """The attributes that the `__init__` of a class sets. By its source: what is compiled cannot be asked."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    (found,) = (each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == name)
    (init,) = (each for each in found.body if isinstance(each, ast.FunctionDef) and each.name == "__init__")
    return sorted(
        each.attr
        for each in ast.walk(init)
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) and isinstance(each.value, ast.Name)
    )
