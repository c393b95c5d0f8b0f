"""If these fail, a client that was told to wait tries again too early, or gives up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.egress.retry_after import MAX_RETRY_AFTER, retry_after

NOW = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("after", "after_ms", "date", "seconds"),
    [
        ("7", "", "", 7),
        ("0", "", "", 0),
        (" 7 ", "", "", 7),
        ("1.2", "", "", 2),
        ("7", "1500", "", 2),
        ("", "20", "", 1),
        ("7", "soon", "", 7),
        ("7", "-1", "", 7),
        ("120", "", "", 119),
        ("86400", "", "", 119),
        ("9" * 500, "", "", None),
        ("Wed, 21 Oct 2026 07:28:30 GMT", "", NOW, 30),
        ("Wed, 21 Oct 2026 09:28:30 +0200", "", NOW, 30),
        ("Wed, 21 Oct 2026 07:28:30 -0000", "", NOW, None),
        ("Thu, 22 Oct 2026 07:28:00 GMT", "", NOW, 119),
        ("Tue, 20 Oct 2026 07:28:00 GMT", "", NOW, 0),
        ("Wed, 21 Oct 2026 07:28:30 GMT", "", "", None),
        ("Wed, 99 Oct 2026 07:28:30 GMT", "", NOW, None),
        ("soon", "", NOW, None),
        ("nan", "", "", None),
        ("inf", "", "", None),
        ("-3", "", NOW, None),
        ("", "", "", None),
    ],
)
def test_what_servers_say(after: str, after_ms: str, date: str, seconds: int | None) -> None:
    assert retry_after(after, after_ms, date) == seconds


@given(st.text(), st.text(), st.text())
def test_whatever_is_said_it_is_a_time_that_sdks_heed_or_none(after: str, after_ms: str, date: str) -> None:
    for said in (after, NOW):
        seconds = retry_after(said, after_ms, date)
        assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER < 120
