"""The process that reads the configuration: `python -m gateway.serving.reading_child ARGUMENTS`, started by `reading`.

It writes one line of JSON to its standard output, a pipe, and ends. The line holds every secret in the clear.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gateway.config.load import load
from gateway.config.plain import encoded
from gateway.config.problems import ConfigurationError
from gateway.serving.reading import Reading


def main() -> None:
    arguments = json.loads(sys.argv[1])
    path = arguments["path"]
    try:
        reading = Reading(load(Path(path) if path else None, overrides=arguments["overrides"]))
    except ConfigurationError as error:
        reading = Reading(None, error.problems)
    sys.stdout.buffer.write(encoded(reading))


if __name__ == "__main__":
    main()
