"""How often the language of a prompt is told rightly, wrongly, or not at all: `python -m bench.language DATA_DIR`.

On generated prompts (the supplement of the difficulty model) and on `DATA_DIR/sensitivity`, by its field `lang`. That
field says for whom a row was made: some English notes about people in Spain are `es` there, so look at what is wrong.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from router.difficulty.supplement import examples
from router.language import LANGUAGES, UNKNOWN, language_of

FILES = ("dev_neg", "dev_pos", "dev_pupa")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for example in examples():
        told[f"generated {example.language}"][_outcome(example.language, example.prompt)] += 1
    for name in FILES:
        with gzip.open(Path(sys.argv[1]) / "sensitivity" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if row["lang"] in LANGUAGES or row["lang"] == "pl":
                    told[f"{name} {row['lang']}"][_outcome(row["lang"], row["text"])] += 1
    print("| prompts | count | right | wrong | unknown |\n|---|---|---|---|---|")
    for name, outcomes in sorted(told.items()):
        count = outcomes.total()
        shares = " | ".join(f"{outcomes[each] / count:.3f}" for each in ("right", "wrong", UNKNOWN))
        print(f"| {name} | {count} | {shares} |")
    return 0


def _outcome(language: str, text: str) -> str:
    said = language_of(text)
    return UNKNOWN if said == UNKNOWN else "right" if said == language else "wrong"


if __name__ == "__main__":
    sys.exit(main())
