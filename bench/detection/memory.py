"""Memory: how much the scanner adds to a process that has NumPy already, in MB.

    python -m bench.detection.memory DATA_DIR

The rows are read first; then the scanner is imported and built, and reads them: one number. The other: after hostile
text too, which fills every automaton as far as it may.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import numpy as np

from bench.detection.hostile import hostile
from bench.detection.rows import rows
from router.content import content_of_text

_PAGE = 4_096  # bytes
_MB = 1_000_000


def resident() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


def added(texts: list[str]) -> tuple[float, float]:
    before = resident()
    from router.sensitivity.scanner import Scanner

    scanner = Scanner.default()
    for text in texts:
        scanner.scan(content_of_text(text))
    usual = resident() - before
    for _, text in hostile():
        scanner.scan(content_of_text(text))
    return usual / _MB, (resident() - before) / _MB


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    np.zeros(1)
    print(*added([row.text for row in rows(Path(sys.argv[1]))]))
