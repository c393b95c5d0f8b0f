"""List files: text that stands beside the configuration, such as terms or examples, one a line."""

from __future__ import annotations

from pathlib import Path

from gateway.config.checks.report import Report
from gateway.config.problems import Path as Place

_LARGEST = 8 << 20  # bytes


def text_of(file: Path, place: Place, report: Report, *, if_large: str) -> str | None:
    """None where it cannot be used, which is reported. `if_large` is the remedy for a file that is too large."""
    try:
        if file.stat().st_size > _LARGEST:
            report.error(place, f"{file} is larger than {_LARGEST >> 20} MB", if_large)
            return None
        return file.read_text("utf-8-sig")
    except OSError as error:
        report.error(place, f"{file} cannot be read: {error.strerror or error}", "name a file that is there")
    except UnicodeDecodeError:
        report.error(place, f"{file} is no UTF-8", "save it as UTF-8")
    return None
