"""If these fail, numbers of an earlier run come back. What several workers add up to: test_metrics.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gateway.telemetry.shared import forget, prepare


def test_files_of_an_earlier_run_are_gone(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "metrics"
    assert prepare(directory) == {"PROMETHEUS_MULTIPROC_DIR": str(directory)}
    (directory / "counter_7.db").write_bytes(b"x")
    (directory / "else.txt").write_bytes(b"x")
    prepare(directory)
    assert [file.name for file in directory.iterdir()] == ["else.txt"]


def test_a_dead_worker_leaves_its_counts_and_not_its_gauges(tmp_path: Path) -> None:
    for name in ("counter_7.db", "gauge_livesum_7.db", "gauge_livesum_8.db"):
        (tmp_path / name).write_bytes(b"x")
    forget(7, tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"counter_7.db", "gauge_livesum_8.db"}


def test_a_parent_that_keeps_no_numbers_loads_no_library_for_them() -> None:
    program = "import sys, gateway.serving.supervisor; assert 'prometheus_client' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
