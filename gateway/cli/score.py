"""`tidegate score`: difficulty, clearance and findings for a file of rows, one line out per line in."""

from __future__ import annotations

import argparse
import sys
from array import array
from pathlib import Path
from time import thread_time_ns
from typing import Any

import numpy as np
import orjson

from gateway.cli.refusal import refuse
from gateway.cli.rows import Row, RowError, rows, writer
from router.artifact import ArtifactError
from router.difficulty.estimator import Estimator
from router.policy import DEFAULT_POLICY
from router.sensitivity.scanner import Scanner


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--in",
        dest="source",
        required=True,
        metavar="FILE",
        help="rows of {id, prompt | messages | text}; .jsonl, .jsonl.gz, or - for standard input",
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="where scores go; - for standard output")
    parser.add_argument("--artifact", type=Path, metavar="DIR", help="difficulty model; default: the one shipped")


def run(args: argparse.Namespace) -> int:
    try:
        model = Estimator.load(args.artifact) if args.artifact else Estimator.shipped()
    except ArtifactError as error:
        return refuse("score", error)
    scorer = Scorer(model, Scanner.default())
    try:
        with writer(args.out) as out:
            for row in rows(args.source):
                out.write(orjson.dumps(scorer.score(row), option=orjson.OPT_APPEND_NEWLINE))
    except BrokenPipeError:  # whoever read standard output has seen enough
        return 0
    except (RowError, OSError) as error:
        return refuse("score", error)
    print(scorer.summary(), file=sys.stderr)
    return 0


class Scorer:
    """Scores rows and remembers what each cost. CPU time is that of the decision: the scan and the difficulty."""

    def __init__(self, model: Estimator, scanner: Scanner) -> None:
        self._model = model
        self._scanner = scanner
        self._cpu_ns = array("q")

    def score(self, row: Row) -> dict[str, Any]:
        """The output row. Raises `RowError`."""
        identity = row.fields.get("id")
        if not isinstance(identity, str | int):
            raise row.error("'id' must be a string or an integer" if "id" in row.fields else "'id' is missing")
        content = row.content()
        start = thread_time_ns()
        scan = self._scanner.scan(content)
        difficulty = self._model.estimate(content)
        self._cpu_ns.append(thread_time_ns() - start)
        clearance = DEFAULT_POLICY.judge(content, scan).clearance
        findings = [
            {
                "type": finding.type,
                "segment": finding.segment,
                "start": finding.start,
                "end": finding.end,
                "confidence": finding.confidence,
            }
            for finding in scan.findings
        ]
        return {
            "id": identity,
            "difficulty": difficulty.probability,
            "clearance": str(clearance),
            "findings": findings,
        }

    def summary(self) -> str:
        """Rows, and CPU milliseconds per row at the median and the 99th percentile."""
        if not self._cpu_ns:
            return "0 rows"
        middle, high = np.quantile(np.frombuffer(self._cpu_ns, dtype=np.int64) / 1e6, (0.5, 0.99))
        return f"{len(self._cpu_ns)} rows, CPU ms per row: p50 {middle:.3f}, p99 {high:.3f} (scan and difficulty)"
