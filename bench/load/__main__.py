"""Load: gateways side by side before one scripted upstream; --table for the table of targets.

python -m bench.load [--table] [--quick] [--systems a,b] [--scenarios c1,c64] [--goal 'a/b:c64:cpu_per_1k<=1.2']
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

from bench.load import proc, target
from bench.load.build import NotBuilt
from bench.load.ground import NotStarted
from bench.load.options import options
from bench.load.report import report
from bench.load.run import run, write

_ENDED = 143


def main(arguments: list[str] | None = None) -> int:
    """0 if all goals (and, with --table, all that must be reached) were met; 1 if not; 2 if it did not run."""
    asked = options(arguments)
    signal.signal(signal.SIGTERM, _end)  # so that what was started is stopped
    try:
        results = run(asked)
    except (NotBuilt, NotStarted) as error:
        print(error, file=sys.stderr)
        return 2
    shape = f"{asked.workers} worker(s), {asked.rounds} rounds of {asked.seconds:g} s"
    print(f"\n{proc.model_name()}, {shape}; median (least..most) of the rounds, ratios formed round by round")
    print(report(results, asked))
    if asked.table:
        from bench import decision  # loads the whole router: not before the others are measured

        for name, figures in decision.measure(asked.prompts).items():
            results.add(target.DECISION, name, 1, figures)
        write(results, asked)
    met = target.table(results) if asked.table else True
    for goal in asked.goals:
        print(goal.verdict(results))
    return 0 if met and all(goal.met(results) for goal in asked.goals) else 1


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(_ENDED)


if __name__ == "__main__":
    sys.exit(main())
