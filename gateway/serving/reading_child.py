"""The process that reads the configuration: `python -m gateway.serving.reading_child ARGUMENTS`, started by `reading`.

It writes one line of JSON to its standard output, a pipe, and ends. The line holds every secret in the clear.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.config.checks import Report
from gateway.config.load import load
from gateway.config.plain import encoded
from gateway.config.price import DatedPrices
from gateway.config.problems import ConfigurationError
from gateway.config.settings import Settings
from gateway.serving.reading import Reading


def main() -> None:
    arguments = json.loads(sys.argv[1])
    path = arguments["path"]
    try:
        loaded = load(Path(path) if path else None, overrides=arguments["overrides"], doubts=_doubts)
        reading = Reading(loaded)
    except ConfigurationError as error:
        reading = Reading(None, error.problems)
    sys.stdout.buffer.write(encoded(reading))


def _doubts(settings: Settings, prices: Sequence[DatedPrices], report: Report) -> None:
    """Where there are budgets. The pipeline takes longer to import than all of the rest."""
    if settings.budgets:
        from gateway.pipeline.doubts import budget_doubts

        budget_doubts(settings, prices, report)


if __name__ == "__main__":
    main()
