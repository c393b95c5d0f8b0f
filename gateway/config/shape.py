"""The shape of a document: which settings it has, of which types. What pydantic finds is said in plain words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from gateway.config.document import Document
from gateway.config.kinds import Secret
from gateway.config.problems import Path, Problem
from gateway.config.strict import Strict

Group = TypeVar("Group", bound=Strict)

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
    "dataclass_type": "must be a mapping of settings",
}
_REMEDIES = {"tuple_type": "write [a, b]"}


def validate(document: Document, group: type[Group]) -> tuple[Group | None, list[Problem]]:
    """The document as a group of settings, or everything that keeps it from being that."""
    try:
        return settings_of(group, document.data), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        details = [detail for detail in details if not document.is_faulty(detail["loc"])]
        problems = [_problem(document, group, detail) for detail in details]
        document.faulty.update(detail["loc"] for detail in details)
        return None, problems


def settings_of(group: type[Group], data: object) -> Group:
    """`data` read as a group of settings. Raises `pydantic.ValidationError`."""
    return adapter(group).validate_python(_without_empty(group, data))


def adapter(group: type[Group]) -> TypeAdapter[Group]:
    """How pydantic reads and describes a group of settings."""
    return _adapter(cast(Any, group))  # mypy takes a class's `__hash__` for that of its instances


@cache
def _adapter(group: Any) -> TypeAdapter[Any]:
    return TypeAdapter(group)


def kinds(group: type[Strict]) -> dict[str, Any]:
    """The settings of a group and their types, annotations included."""
    hints = get_type_hints(group, include_extras=True)
    return {own.name: hints[own.name] for own in fields(group)}


def _without_empty(kind: Any, data: object) -> object:
    """A known key with nothing after it is as good as left out; so is an empty text where none is allowed."""
    group = _group_in(kind)
    if isinstance(data, list):
        inner = next(iter(_inner(kind, tuple)), None)
        return [_without_empty(inner, item) for item in data]
    if not isinstance(data, dict):
        return data
    if group is None:
        inner = next(iter(_inner(kind, dict)[1:]), None)
        return {name: _without_empty(inner, value) for name, value in data.items()}
    known = kinds(group)
    defaults = {own.name: own.default for own in fields(group)}
    return {
        name: _without_empty(known.get(name), value)
        for name, value in data.items()
        if not (name in known and (value is None or (value == "" and defaults[name] is None)))
    }


def nearest(name: str, names: Iterable[str]) -> str:
    """A question that names the most similar of `names`, or nothing."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""


def _problem(document: Document, top: type[Strict], detail: ErrorDetails) -> Problem:
    path, kind, value = detail["loc"], detail["type"], detail["input"]
    name = str(path[-1]) if path else ""
    if kind == "unexpected_keyword_argument":
        group = _group_at(top, path[:-1])
        names = tuple(kinds(group)) if group else ()
        remedy = nearest(name, names) or f"known here: {', '.join(names)}"
        return document.problem(path, f"unknown key '{name}'", remedy, at_key=True)
    if kind == "missing":
        return document.problem(path, "is missing", _first_sentence(top, path), at_key=True)
    message = _MESSAGES.get(kind) or detail["msg"].replace("Input should be", "must be").removeprefix("Value error, ")
    if isinstance(value, str) and not _is_secret(top, path):
        message += f", not {document.shown(path, value)}"
    return document.problem(path, message, _REMEDIES.get(kind, ""))


def _first_sentence(top: type[Strict], path: Path) -> str:
    group = _group_at(top, path[:-1])
    about = adapter(group).json_schema()["properties"][str(path[-1])] if group else {}
    described: str = about.get("description", "")
    return described.partition("\n")[0].lower()


def _is_secret(top: type[Strict], path: Path) -> bool:
    group = _group_at(top, path[:-1])
    kind = kinds(group).get(str(path[-1])) if group else None
    return kind is None or Secret in _members(kind)


def _group_at(top: type[Strict], path: Path) -> type[Strict] | None:
    """The group of settings that the mapping at `path` is to be read as, from the group of the whole document down."""
    kind: Any = top
    for part in path:
        group = _group_in(kind)
        if group is not None:
            kind = kinds(group).get(str(part))
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:  # a list: all its items are of the first type
            kind = next(iter(get_args(kind)), None)
    return _group_in(kind)


def _inner(kind: Any, container: type) -> tuple[Any, ...]:
    """What stands in a list or mapping, be the setting optional or not."""
    return next((get_args(item) for item in _members(kind) if get_origin(item) is container), ())


def _members(kind: Any) -> tuple[Any, ...]:
    """The members of a union, or the type itself; what stands inside a list or mapping is not a member."""
    return (kind,) if get_origin(kind) in (dict, tuple) else (kind, *get_args(kind))


def _group_in(kind: Any) -> type[Strict] | None:
    return next((item for item in _members(kind) if isinstance(item, type) and issubclass(item, Strict)), None)
