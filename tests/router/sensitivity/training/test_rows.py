"""Rows: what ships learns only from sources that allow it, and labels keep their offsets."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from router.sensitivity.training.rows import SHIPPABLE, generated, labelled, prompts


def write(path: Path, row: dict[str, object]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write(json.dumps(row) + "\n")


def test_labelled_rows(tmp_path: Path) -> None:
    row = {"id": "1", "source": "x", "lang": "en", "text": "ask Ida", "spans": [[4, 7, "PERSON"]], "sensitive": True}
    write(tmp_path / "dev_pos.jsonl.gz", row)
    (only,) = labelled(tmp_path)
    assert (only.kind, only.spans) == ("person", ((4, 7),))
    assert only.source not in SHIPPABLE


def test_prompts_of_doubtful_tasks_are_left_out(tmp_path: Path) -> None:
    for name in ("llmrouter", "mmlu_pro_new", "bfcl_simple_multi", "zeroeval_math-l5"):
        category = "law" if name == "mmlu_pro_new" else "math"
        write(tmp_path / f"{name}.jsonl.gz", {"prompt": "1 + 1?", "category": category})
    assert [row.source for row in prompts(tmp_path)] == [
        "routing-llmrouter",
        "routing-bfcl_simple_multi",
        "routing-zeroeval_math-l5",
    ]


def test_generated_rows_know_their_template() -> None:
    groups = {row.group for row in generated()}
    assert len(groups) > 300
    assert {group.split("-")[1] for group in groups} == {"private", "harmless", "orders", "record", "thing", "puzzle"}
