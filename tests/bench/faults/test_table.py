"""If these fail, docs/faults.md shows what was not seen."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from bench.faults.books import Books
from bench.faults.faults import FAULTS
from bench.faults.parts import PARTS
from bench.faults.run import Run, Seen, Sizes
from bench.faults.table import BEGIN, page, write

SIZES = Sizes(before=1, during=2, rate=10)
BALANCED = Books(answers=20, missing=0, twice=0, costless=0, astray=Decimal("0E-12"))
SEEN = Seen(
    part=PARTS[0],
    before=Counter({"200 from the cache": 10}),
    during=Counter({"200 from the cache": 3, "200 by large": 17}),
    added_median=-0.004,
    added_p99=0.0814,
    longest=0.1,
    recovered=1.24,
)


def run_with(*lines: str) -> Run:
    return Run(FAULTS[0], (SEEN,), (), lines)


def test_a_row_says_what_was_seen_most_often_first() -> None:
    text = page([run_with("one line")], [BALANCED], SIZES)
    assert (
        "| Redis | down | cache | 200 by large (17), 200 from the cache (3) | 0 ms | 81 ms | 100 ms | 1.2 s |" in text
    )
    assert "| Redis | down | 0 | 1 | 0 | 20 | 0 | 0 | 0 | 0 $ |" in text


def test_a_budget_that_is_astray_is_shown_to_the_last_digit() -> None:
    off = BALANCED._replace(astray=Decimal("0.000000000001"))
    assert "| 0.000000000001 $ |" in page([run_with()], [off], SIZES)
    assert not off.balanced


def test_only_what_was_made_by_the_command_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "faults.md"
    file.write_text(f"By hand.\n\n{BEGIN}\nold\n")
    write(file, page([run_with()], [BALANCED], SIZES))
    write(file, page([run_with()], [BALANCED], SIZES))
    text = file.read_text()
    assert text.startswith(f"By hand.\n\n{BEGIN}\n")
    assert text.count(BEGIN) == 1
    assert "old" not in text
    file.write_text("By hand.")
    with pytest.raises(ValueError, match="has no line"):
        write(file, "")


def test_stacks_are_counted_whoever_prints_them() -> None:
    """Python's own, and that of our log, which shows places and nothing else."""
    ours = ("09:00:00 ERROR gateway: failed error=OSError", "    /srv/gateway/app.py:1 run", "    /srv/x.py:2 go")
    python = (
        "Traceback (most recent call last):",
        '  File "/srv/x.py", line 2, in go',
        "    go()",
        '  File "/srv/y.py", line 9, in go',
        "OSError",
    )
    assert run_with(*ours, "09:00:01 INFO gateway: on", *python).stacks == 2
    assert run_with("09:00:00 WARNING gateway.stores.link: Redis does not answer (timeout)").stacks == 0
