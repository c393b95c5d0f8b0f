"""A user loses: the line number of the one bad row in a million."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway.cli.rows import Row, RowError, rows, writer
from router.content import Origin


def test_plain_and_gzip_files_read_the_same(tmp_path: Path) -> None:
    text = b'{"id": 1}\n\n{"id": "\xc3\xa9"}\n'
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_bytes(text)
    packed.write_bytes(gzip.compress(text))
    for file in (plain, packed):
        found = list(rows(str(file)))
        assert [row.fields for row in found] == [{"id": 1}, {"id": "é"}]
        assert found[1].where == f"{file}:3"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b'{"id": 1}\nnope\n')))
    found = rows("-")
    assert next(found).fields == {"id": 1}
    with pytest.raises(RowError, match="standard input:2: not JSON"):
        next(found)


@pytest.mark.parametrize(("line", "problem"), [("{", "not JSON"), ("[1]", "must be a JSON object")])
def test_a_bad_line_is_named(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(f'{{"id": 1}}\n{line}\n')
    with pytest.raises(RowError, match=rf"a\.jsonl:2: .*{problem}"):
        list(rows(str(file)))


def test_a_file_that_is_missing_or_no_gzip_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_text("not gzip")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"id": 1}\n' * 1000)[:-12])
    for name in ("a.jsonl.gz", "cut.jsonl.gz", "none.jsonl"):
        with pytest.raises(RowError, match=name):
            list(rows(str(tmp_path / name)))


def test_the_three_ways_to_ask() -> None:
    assert Row("f:1", {"prompt": "hi"}).content().segments[0].text == "hi"
    assert Row("f:1", {"text": "hi"}).content().segments[0].origin is Origin.USER
    messages = [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]
    assert [part.text for part in Row("f:1", {"messages": messages}).content().segments] == ["a", "b"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "none of them"),
        ({"prompt": "a", "text": "b"}, "'prompt' and 'text'"),
        ({"prompt": 3}, "'prompt' must be a string"),
        ({"text": None}, "'text' must be a string"),
        ({"messages": "a"}, "array of objects"),
        ({"messages": ["a"]}, "array of objects"),
    ],
)
def test_a_row_that_asks_nothing_or_two_things(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(RowError, match=f"f:7: .*{problem}"):
        Row("f:7", fields).content()


def test_scores() -> None:
    row = Row("f:2", {"whole": 1, "half": 0.5, "yes": True, "high": 1.5, "word": "1", "none": None})
    assert [row.share(name) for name in ("whole", "half", "yes")] == [1.0, 0.5, 1.0]
    for name in ("high", "word", "none"):
        with pytest.raises(RowError, match=f"f:2: '{name}' must be a number from 0 to 1"):
            row.share(name)
    with pytest.raises(RowError, match="f:2: 'weak_score' is missing"):
        row.share("weak_score")


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_what_is_written_can_be_read(tmp_path: Path, name: str) -> None:
    with writer(str(tmp_path / name)) as out:
        out.write(b'{"id": 1}\n')
    assert [row.fields for row in rows(str(tmp_path / name))] == [{"id": 1}]
