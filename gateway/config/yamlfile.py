"""Reading YAML: from bytes to a document.

YAML is composed, not constructed: every scalar stays the text that the operator wrote and is typed later by the setting
it is meant for. So `0.10` reaches a price without passing through a float, `zone: no` is the text "no", and no tag can
make an object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as File

import yaml

from gateway.config.document import Document, Place
from gateway.config.environment import UnfilledReference, fill
from gateway.config.problems import ConfigurationError, Path, Problem

MAX_BYTES = 1_048_576  # a thousand keys are a tenth of this
NEEDS = ("deployments", "routes")  # of a configuration
MAX_DEPTH = 32  # our settings are five deep
MAX_NODES = 50_000  # an alias counts each time it is used, which is what bounds a "billion laughs"

_TAG = "tag:yaml.org,2002:"
_MERGE = _TAG + "merge"
_NULL = _TAG + "null"
_TEXT_TAGS = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "timestamp", "value"))


def read(file: File, shown_as: str, environ: Mapping[str, str], needs: tuple[str, ...] = NEEDS) -> Document:
    """Read a file. Raises `ConfigurationError` if it has no readable mapping; lesser problems stand in `problems`.

    `needs` are the names without which such a file says nothing.
    """
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(shown_as, f"cannot be read: {error.strerror or type(error).__name__}") from None
    return parse(raw, shown_as, environ, needs)


def parse(raw: bytes, shown_as: str, environ: Mapping[str, str], needs: tuple[str, ...] = NEEDS) -> Document:
    """As `read`, from bytes."""
    if len(raw) > MAX_BYTES:
        raise _unreadable(shown_as, f"is larger than {MAX_BYTES} bytes", "a configuration is a few kilobytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _unreadable(shown_as, "is not UTF-8 text", "save it as UTF-8", line=line) from None
    root = _compose(text, shown_as)
    if root is None or (isinstance(root, yaml.ScalarNode) and root.tag == _NULL):
        raise _unreadable(shown_as, "is empty", "it needs at least " + " and ".join(f"`{name}:`" for name in needs))
    if not isinstance(root, yaml.MappingNode):
        kind = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
        raise _unreadable(
            shown_as, f"holds {kind} where settings are expected", f"start with `{needs[0]}:`", line=_place(root).line
        )
    document = Document(shown_as, {})
    document.data = _Builder(document, environ).mapping(root, (), 1)
    return document


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


class _TooDeep(yaml.YAMLError):
    pass


class _Loader(yaml.SafeLoader):
    """PyYAML's safe composer, which refuses to go deeper than `MAX_DEPTH`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeep
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _compose(text: str, shown_as: str) -> yaml.Node | None:
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except _TooDeep:
        raise _unreadable(shown_as, f"is nested more than {MAX_DEPTH} deep") from None
    except yaml.reader.ReaderError as error:
        broken = text.count("\n", 0, int(error.position)) + 1
        raise _unreadable(shown_as, "holds a character that YAML does not allow", line=broken) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        message, remedy = _explain(error, text.splitlines()[line - 1 : line] if line else [])
        column = mark.column + 1 if mark else None
        raise ConfigurationError([Problem(shown_as, line, column, "", message, remedy)]) from None
    except (ValueError, OverflowError):  # PyYAML hands the number in "\\U7fffffff" to chr() as it is
        raise _unreadable(shown_as, "holds an escape that is no character", "look for \\U in quoted texts") from None


def _explain(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[str, str]:
    """Message and remedy; `lines` is the line at fault."""
    said = error.problem or "cannot be read"
    if "\\t" in said:
        return "a tab stands where YAML wants spaces", "indent with spaces"
    if "single document" in f"{error.context} {said}":
        return "a second document begins here", "one file holds one configuration: remove the '---'"
    if isinstance(error, yaml.composer.ComposerError):  # it would name the anchor, which may be a password with a '*'
        return "an alias without its anchor, or two anchors of one name", "put texts that begin with * or & in quotes"
    if any("${" in line for line in lines):
        return f"not valid YAML: {said}", 'put references in quotes: "${NAME}"'
    return f"not valid YAML: {said}", "check quotes, colons and indentation on this line and the one before"


def _unreadable(shown_as: str, message: str, remedy: str = "", line: int | None = None) -> ConfigurationError:
    return ConfigurationError([Problem(shown_as, line, None if line is None else 1, "", message, remedy)])


class _Builder:
    """Turns nodes into plain values, notes where each stood, and fills in references to the environment."""

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self._document = document
        self._environ = environ
        self._nodes = 0

    def value(self, node: yaml.Node, path: Path, depth: int) -> object:
        self._count(node, depth)
        self._document.values.setdefault(path, _place(node))
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self.mapping(node, path, depth + 1)
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            return [self.value(item, (*path, index), depth + 1) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.tag in _TEXT_TAGS:
            return self._text(str(node.value), path)
        if not (isinstance(node, yaml.ScalarNode) and node.tag == _NULL):
            self._document.report(path, "tags are not supported", "write a plain value; quote texts that begin with !")
        return None

    def mapping(self, node: yaml.MappingNode, path: Path, depth: int) -> dict[str, object]:
        self._document.values.setdefault(path, _place(node))
        values: dict[str, object] = {}
        for key, value, merged in self._pairs(node, path, depth):
            name = str(key.value)
            here = (*path, name)
            if name not in values:
                self._document.keys[here] = _place(key)
                values[name] = self.value(value, here, depth)
            elif not merged:
                first = self._document.keys[here].line
                message = f"'{name}' stands here twice, first in line {first}"
                self._document.report(here, message, "remove one", place=_place(key))
        return values

    def _pairs(
        self, node: yaml.MappingNode, path: Path, depth: int
    ) -> Iterator[tuple[yaml.ScalarNode, yaml.Node, bool]]:
        """The keys written here, then those merged in with `<<`: what is written here wins."""
        merges: list[yaml.Node] = []
        for key, value in node.value:
            if key.tag == _MERGE:
                merges += value.value if isinstance(value, yaml.SequenceNode) else [value]
            elif isinstance(key, yaml.ScalarNode):
                yield key, value, False
            else:
                self._document.report(path, "a name must be a plain text", "a reference such as ${NAME} goes in quotes")
        for merge in merges:
            self._count(merge, depth)
            if isinstance(merge, yaml.MappingNode):
                yield from ((key, value, True) for key, value, _ in self._pairs(merge, path, depth + 1))
            else:
                self._document.report(path, "'<<' takes a mapping or a list of mappings", "write `<<: *name`")

    def _text(self, text: str, path: Path) -> str | None:
        try:
            filled = fill(text, self._environ)
        except UnfilledReference as error:
            self._document.report(path, error.message, error.remedy)
            return None
        if any("\ud800" <= character <= "\udfff" for character in filled.text):
            source = f"the value of {filled.variables[0]}" if filled.variables else "this"
            self._document.report(path, f"{source} is not text that can be written as UTF-8", "save it as UTF-8")
            return None
        if filled.variables:
            self._document.variables[path] = filled.variables
        return filled.text

    def _count(self, node: yaml.Node, depth: int) -> None:
        """Aliases are expanded; one may even contain itself."""
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise _unreadable(
                self._document.file, "aliases make it too large or endless", "write values out", _place(node).line
            )
