"""If these fail, a specialist is made of other examples than those in its file, or of too few."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.problems import ConfigurationError
from tests.gateway.config.harness import BASE

LINES = [f"How do I do thing number {number}?" for number in range(12)]
TEXT = BASE.replace("large: [large]}", "large: [large], specialists: [{name: faq, deployment: small, examples: %s}]}")


def examples(directory: Path, name: str, text: str | bytes) -> tuple[str, ...]:
    (directory / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (directory / "tidegate.yaml").write_text(TEXT % name)
    return load(directory / "tidegate.yaml", environ={}).examples["auto"]["faq"]


def said(directory: Path, name: str, text: str | bytes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        examples(directory, name, text)
    (problem,) = caught.value.problems
    return str(problem).replace(str(directory), "").partition("auto.specialists[0].examples: ")[2]


def test_one_a_line(tmp_path: Path) -> None:
    text = "\ufeff" + "\r\n\n".join(LINES) + f"\n  {LINES[0]}  \n"
    assert examples(tmp_path, "faq.txt", text) == tuple(LINES)


def test_json_lines(tmp_path: Path) -> None:
    rows = [{"prompt": line} for line in LINES]
    turns = [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": [{"type": "text", "text": "and"}, {"type": "text", "text": "last"}]},
    ]
    text = "\n".join(map(json.dumps, [*rows, {"messages": turns}]))
    assert examples(tmp_path, "faq.jsonl", text) == (*LINES, "and\nlast")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("faq.txt", "\n".join(LINES[:9]), "/faq.txt has 9 different examples; give 10 at least"),
        ("faq.txt", "\n".join([LINES[0]] * 30), "/faq.txt has 1 different examples; give 10 at least"),
        ("faq.txt", "\n".join(map(str, range(2001))), "/faq.txt has 2001 different examples; give 10 at least, 2000"),
        ("faq.txt", b"\xff", "/faq.txt is no UTF-8; save it as UTF-8"),
        (
            "faq.jsonl",
            '{"prompt": "a"}\n{"promt": "b"}',
            'no prompt is in line 2 of /faq.jsonl; write objects such as {"pro',
        ),
        ("faq.jsonl", "[1]", "no prompt is in line 1 of /faq.jsonl"),
        ("faq.jsonl", "{", "no prompt is in line 1 of /faq.jsonl"),
        ("faq.jsonl", '{"messages": []}', "no prompt is in line 1 of /faq.jsonl"),
        ("faq.txt", b"x" * (9 << 20), "/faq.txt is larger than 8 MB; a few dozen examples are enough"),
    ],
)
def test_bad_ones(tmp_path: Path, name: str, text: str | bytes, problem: str) -> None:
    assert said(tmp_path, name, text).startswith(problem)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "tidegate.yaml").write_text(TEXT % "none.txt")
    with pytest.raises(
        ConfigurationError, match="cannot be read: No such file or directory; name a file that is there"
    ):
        load(tmp_path / "tidegate.yaml", environ={})


def test_other_examples_are_another_configuration(tmp_path: Path) -> None:
    examples(tmp_path, "faq.txt", "\n".join(LINES))
    before = load(tmp_path / "tidegate.yaml", environ={}).version
    examples(tmp_path, "faq.txt", "\n".join([*LINES, "One more?"]))
    assert load(tmp_path / "tidegate.yaml", environ={}).version != before
