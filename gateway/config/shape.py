"""The shape of a document: which settings it has, of which types. What pydantic finds is said in plain words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from gateway.config.document import Document
from gateway.config.problems import Path, Problem
from gateway.config.settings import Settings

_MESSAGES = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "decimal_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a single text",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of names to settings",
    "model_type": "must be a mapping of settings",
}
_REMEDIES = {"tuple_type": "write [a, b]"}


def validate(document: Document) -> tuple[Settings | None, list[Problem]]:
    """The settings, or everything that keeps the document from being settings."""
    try:
        return Settings.model_validate(document.data), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        details = [detail for detail in details if not document.is_faulty(detail["loc"])]
        problems = [_problem(document, detail) for detail in details]
        document.faulty.update(detail["loc"] for detail in details)
        return None, problems


def nearest(name: str, names: Iterable[str]) -> str:
    """A question that names the most similar of `names`, or nothing."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""


def _problem(document: Document, detail: ErrorDetails) -> Problem:
    path, kind, value = detail["loc"], detail["type"], detail["input"]
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        model = _model_at(path[:-1])
        names = tuple(model.model_fields) if model else ()
        remedy = nearest(name, names) or f"known here: {', '.join(names)}"
        return document.problem(path, f"unknown key '{name}'", remedy, at_key=True)
    if kind == "missing":
        return document.problem(path, "is missing", _first_sentence(path), at_key=True)
    message = _MESSAGES.get(kind) or detail["msg"].replace("Input should be", "must be").removeprefix("Value error, ")
    if isinstance(value, str) and not _is_secret(path):
        message += f", not {document.shown(path, value)}"
    return document.problem(path, message, _REMEDIES.get(kind, ""))


def _first_sentence(path: Path) -> str:
    model = _model_at(path[:-1])
    described = model.model_fields[str(path[-1])].description if model else None
    return described.partition("\n")[0].lower() if described else ""


def _is_secret(path: Path) -> bool:
    model = _model_at(path[:-1])
    field = model.model_fields.get(str(path[-1])) if model else None
    return field is None or SecretStr in _members(field.annotation)


def _model_at(path: Path) -> type[BaseModel] | None:
    """The settings class that the mapping at `path` is to be read as."""
    kind: Any = Settings
    for part in path:
        model = _model_in(kind)
        if model is not None:
            field = model.model_fields.get(str(part))
            kind = field.annotation if field else None
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:  # a list: all its items are of the first type
            kind = next(iter(get_args(kind)), None)
    return _model_in(kind)


def _members(kind: Any) -> tuple[Any, ...]:
    """The members of a union, or the type itself; what stands inside a list or mapping is not a member."""
    return (kind,) if get_origin(kind) in (dict, tuple) else (kind, *get_args(kind))


def _model_in(kind: Any) -> type[BaseModel] | None:
    return next((item for item in _members(kind) if isinstance(item, type) and issubclass(item, BaseModel)), None)
