"""Makes the calibration table that ships: where dials start that were never calibrated on their own traffic.

    python -m bench.shipped_dial DATA_DIR [OUT_FILE]

To be run after `bench.shipped_difficulty`: the table belongs to one difficulty model. DATA_DIR holds `train/` with the
public rows. Half of the table is public rows, half everyday and hard prompts of the supplement, so that neither exams
nor small talk has all the weight. It promises nothing: no quality, no costs. A share is kept by its controller.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from bench.routing_rows import SHIPPABLE, load
from router.artifact import read_card
from router.calibration.table import SHIPPED, Table
from router.content import content_of_text
from router.difficulty import model
from router.difficulty.estimator import Estimator
from router.difficulty.supplement import examples

EACH = 2000  # rows


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(sys.argv[2]) if len(sys.argv) == 3 else SHIPPED
    head = read_card(model.SHIPPED, model.FORMAT)["sha256"]
    contents = [row.content for row in load(Path(sys.argv[1]) / "train", SHIPPABLE)]
    everyday = [content_of_text(example.prompt) for example in examples()]
    random = np.random.Generator(np.random.PCG64(11))
    drawn = [source[place] for source in (contents, everyday) for place in random.integers(0, len(source), EACH)]
    estimator = Estimator.shipped()
    found = [estimator.estimate(content) for content in drawn]
    Table.of(head, [each.probability for each in found], [each.abstained for each in found]).save(out)
    print(f"{out}: of {len(found)} rows", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
