"""What YAML can do to a reader: a user loses a clear answer, or the gateway its memory."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.document import Document
from gateway.config.problems import ConfigurationError
from gateway.config.yamlfile import MAX_BYTES, parse, read


def refused(raw: bytes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse(raw, "t.yaml", {})
    return str(caught.value)


def reading(text: str, **environ: str) -> Document:
    return parse(text.encode(), "t.yaml", environ)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"a: {b: ${NAME}}\n", "t.yaml:1: not valid YAML: expected ',' or '}', but got '{'; put references in quotes"),
        (b'a: "\\U7fffffff"\n', "t.yaml: holds an escape that is no character"),
        (b"", "t.yaml: is empty; it needs at least `deployments:` and `routes:`"),
        (b"# nothing\n", "t.yaml: is empty; it needs at least `deployments:` and `routes:`"),
        (b"~\n", "t.yaml: is empty; it needs at least `deployments:` and `routes:`"),
        (b"\n- a\n", "t.yaml:2: holds a list where settings are expected; start with `deployments:`"),
        (b"hello", "t.yaml:1: holds a single value where settings are expected; start with `deployments:`"),
        (b"a: 1\nb: \xff\n", "t.yaml:2: is not UTF-8 text; save it as UTF-8"),
        (b"a: 1\nb: \x00\n", "t.yaml:2: holds a character that YAML does not allow"),
        (b"a:\n\tb: 1\n", "t.yaml:2: a tab stands where YAML wants spaces; indent with spaces"),
        (b"a: 1\n---\nb: 1\n", "t.yaml:2: a second document begins here; one file holds one configuration"),
        (b"a: [1\nb: 2\n", "t.yaml:2: not valid YAML: "),
        (b"a: *b\n", "t.yaml:1: an alias without its anchor"),
        (b"a: " + b"[" * 5000, "t.yaml: is nested more than 32 deep"),
        (b"#" * (MAX_BYTES + 1), f"t.yaml: is larger than {MAX_BYTES} bytes"),
    ],
)
def test_unreadable_files_are_explained(raw: bytes, message: str) -> None:
    assert refused(raw).startswith(message)


def test_files_that_cannot_be_opened_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml: cannot be read: No such file or directory"):
        read(tmp_path / "nowhere.yaml", "nowhere.yaml", {})
    with pytest.raises(ConfigurationError, match="d: cannot be read: Is a directory"):
        read(tmp_path, "d", {})


def test_scalars_stay_the_text_that_was_written() -> None:
    data = reading("a: 0.10\nb: no\nc: 010\nd: 2026-01-02\ne: ~\nf:\ng: 'null'\nh: 1_000\ni: !!str 5\n").data
    assert data == {
        "a": "0.10",
        "b": "no",
        "c": "010",
        "d": "2026-01-02",
        "e": None,
        "f": None,
        "g": "null",
        "h": "1_000",
        "i": "5",
    }


def test_places_are_those_of_the_file() -> None:
    document = reading("a:\n  b:\n    - x\n    - c: 1\n")
    place = document.values["a", "b", 1, "c"]
    assert (place.line, place.column) == (4, 10)
    assert document.keys["a", "b", 1, "c"].column == 7
    assert document.problem(("a", "b", 1, "d"), "m").line == 4
    assert document.problem(("a", "z"), "m", at_key=True).line == 1


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert parse(b"\xef\xbb\xbfa: 1\n", "t.yaml", {}).data == {"a": "1"}


def test_doubled_keys_are_a_problem_at_the_second() -> None:
    document = reading("a: {x: 1}\nb: 2\na: {x: 3}\n")
    assert [str(problem) for problem in document.problems] == [
        "t.yaml:3: a: 'a' stands here twice, first in line 1; remove one"
    ]


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [x]", "!x y", "!!binary aGk=", "!!set {a}"])
def test_tags_make_nothing(tag: str) -> None:
    (problem,) = reading(f"a: 1\nb: {tag}\n").problems
    assert problem.line == 2
    assert problem.message == "tags are not supported"


@pytest.mark.parametrize(
    "text", ["*hunter2", "!hunter2", "!hunter2 x", "&hunter2 [", "'hunter2", "hunter2: x: y", "%hunter2: [}"]
)
def test_a_password_that_looks_like_yaml_is_not_shown(text: str) -> None:
    try:
        document = reading(f"a: {text}\n")
    except ConfigurationError as error:
        assert "hunter2" not in str(error)  # noqa: PT017 - either way it is reported
    else:
        assert document.problems
        assert "hunter2" not in str(document.problems)


def test_a_text_must_have_a_form_in_bytes() -> None:
    document = reading('a: "\\ud800"\nb: "${N}"\n', N="secret\udcff")
    assert [str(problem) for problem in document.problems] == [
        "t.yaml:1: a: this is not text that can be written as UTF-8; save it as UTF-8",
        "t.yaml:2: b: the value of N is not text that can be written as UTF-8; save it as UTF-8",
    ]


def test_names_must_be_texts() -> None:
    (problem,) = reading("a: ${NAME}\nb: {[x]: 1}\n", NAME="x").problems
    assert (problem.line, problem.path) == (2, "b")


def test_aliases_and_merges_work_and_what_is_written_wins() -> None:
    document = reading("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [*a, {x: 9, z: 4}]}\nd: *a\n")
    assert document.problems == []
    assert document.data["b"] == {"y": "3", "x": "1"}
    assert document.data["c"] == {"x": "1", "y": "2", "z": "4"}
    assert document.data["d"] == {"x": "1", "y": "2"}
    (problem,) = reading("a: {<<: 1}\n").problems
    assert "'<<' takes a mapping" in problem.message


def test_a_billion_laughs_are_refused_quickly() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    start = time.process_time()
    assert "aliases make it too large or endless" in refused(text.encode())
    assert time.process_time() - start < 5
    assert "aliases" in refused(b"a: &a [*a]\n")
    assert "aliases" in refused(b"a: &a {b: *a}\n")
    assert "aliases" in refused(b"a: &a {<<: *a}\n")


def test_references_are_filled_in_texts_and_remembered() -> None:
    document = reading("a: x-${N}\nb: ['${N:-d}', '$${N}']\n${N}: 1\n", N="v")
    assert document.data == {"a": "x-v", "b": ["v", "${N}"], "${N}": "1"}
    assert document.variables == {("a",): ("N",), ("b", 0): ("N",)}
    assert document.shown(("a",), "x-v") == "the value of ${N}"
    assert document.shown(("b", 1), "${N}") == "'${N}'"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:-{}[]&*!|>'\"%@`# \n\t$<,?~0", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text.encode(), "t.yaml", {})
    except ConfigurationError as error:
        assert error.problems  # noqa: PT017 - both outcomes are right


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=30))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        parse(raw, "t.yaml", {})
    except ConfigurationError as error:
        assert error.problems  # noqa: PT017 - both outcomes are right
