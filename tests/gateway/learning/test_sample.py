"""If these fail, somebody's second thought counts beside the first, or takes the place of what another one said."""

from __future__ import annotations

from tests.gateway.learning.samples import label


def test_what_one_says_of_a_request_is_one_thing_in_whatever_form() -> None:
    ids = {label(source=source, weak=0.5).id for source in ("thumbs", "score", "correction", "preferred")}
    assert len(ids) == 1


def test_others_other_requests_and_signals_are_things_of_their_own() -> None:
    labels = (label(), label(key="ops"), label("req_2"), label(source="regenerate"), label(source="follow-up"))
    assert len({one.id for one in labels}) == len(labels)
