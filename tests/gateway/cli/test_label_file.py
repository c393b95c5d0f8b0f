"""If these fail, a prompt is paid for twice, or a file of somebody else's is written into."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.cli.label_file import MARK, opened, prompts_of, row_of
from gateway.cli.rows import RowError
from gateway.learning.judge import Scores
from gateway.pipeline.labelling import Costs

ROW = {"id": 7, "prompt": "2 + 2?", "answer": 4, MARK: "of another run"}
COSTS = Costs(Decimal("0E-12"), Decimal("0.000031500000"), None)


def written(directory: Path, *rows: object) -> str:
    file = directory / "prompts.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(file)


def test_a_prompt_is_a_conversation_of_one_turn(tmp_path: Path) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    first, second, third = prompts_of(written(tmp_path, {"prompt": "Hi"}, {"messages": messages}, {"text": "Ho"}))
    assert first.messages == [{"role": "user", "content": "Hi"}]
    assert second.messages == messages
    assert third.messages == [{"role": "user", "content": "Ho"}]
    assert [one.answer for one in (first, second, third)] == [None] * 3


def test_marks_tell_prompts_apart_by_what_is_asked_and_what_is_right(tmp_path: Path) -> None:
    rows = ({"prompt": "a"}, {"prompt": "b"}, {"prompt": "a", "answer": 1}, {"prompt": "a", "id": 3}, {"text": "a"})
    marks = [prompt.mark for prompt in prompts_of(written(tmp_path, *rows))]
    assert marks[0] == marks[3] == marks[4]
    assert len(set(marks)) == 3


@pytest.mark.parametrize("row", [{"prompt": 5}, {}, {"prompt": "a", "answer": [1]}, {"prompt": "a", "answer": True}])
def test_what_is_no_prompt_is_said_with_its_line(tmp_path: Path, row: dict[str, object]) -> None:
    with pytest.raises(RowError, match=r"prompts\.jsonl:2: "):
        list(prompts_of(written(tmp_path, {"prompt": "a"}, row)))


def test_a_row_keeps_what_was_given_and_says_what_is_known(tmp_path: Path) -> None:
    (prompt,) = prompts_of(written(tmp_path, ROW))
    line = row_of(prompt, Scores(1.0, 0.5, 0.5), COSTS, judge="wise")
    assert line.endswith(b"\n")
    assert json.loads(line) == {
        **ROW,
        "weak_score": 1.0,
        "strong_score": 0.5,
        "weight": 0.5,
        "weak_cost": "0",
        "strong_cost": "0.0000315",
        "judge_cost": None,
        "judged_by": "answer",
        MARK: prompt.mark,
    }


def test_a_line_that_was_cut_off_is_taken_out_and_the_rest_stays(tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    whole = b"".join(json.dumps({MARK: mark}).encode() + b"\n" for mark in ("a", "b"))
    out.write_bytes(whole + b'{"label_of": "c"')
    with opened(out) as (file, there):
        assert there == {"a", "b"}
        file.write(b'{"label_of": "d"}\n')
    assert out.read_bytes() == whole + b'{"label_of": "d"}\n'


def test_a_new_file_holds_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "rows.jsonl") as (_, there):
        assert there == frozenset()


@pytest.mark.parametrize("line", ["{}", "[]", "no json", '"label_of"'])
def test_what_something_else_has_written_is_left_alone(tmp_path: Path, line: str) -> None:
    out = tmp_path / "rows.jsonl"
    out.write_text(f"{line}\n")
    with pytest.raises(ValueError, match=r"rows\.jsonl:1: not a row"), opened(out):
        pass
    assert out.read_text() == f"{line}\n"


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    with opened(out):
        assert out.stat().st_mode & 0o077 == 0
