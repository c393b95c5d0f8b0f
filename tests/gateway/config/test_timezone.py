"""If these fail, a budget or a rule begins its days somewhere else than its owner lives."""

from __future__ import annotations

import pytest

from gateway.config.timezone import zone_of


@pytest.mark.parametrize("name", ["", "Europe", "Mars/Olympus", "../etc/passwd", "/etc/localtime"])
def test_what_is_no_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        zone_of(name)
