"""The draft: what is right in a file is checked although something else in it is wrong."""

from __future__ import annotations

from gateway.config.checks.report import Draft, Report
from gateway.config.document import Document


def draft(**data: object) -> Draft:
    return Draft.of(Document("t.yaml", dict(data)))


def test_what_is_wrong_in_an_entry_is_taken_out_of_it() -> None:
    found = draft(
        deployments={
            "unknown-key": {"zone": "local", "engine": "embedded", "zon": "x"},
            "wrong-value": {
                "zone": "local",
                "engine": "embedded",
                "context": "many",
                "price": {"tokens": {"inpt": "1"}},
            },
            "no-zone": {"engine": "embedded"},
            "no-mapping": "x",
        },
        routes={"r": {"small": ["a", {"b": "c"}], "large": ["d"]}},
    )
    assert set(found.deployments) == {"unknown-key"}
    assert found.declared == {"unknown-key", "wrong-value", "no-zone", "no-mapping"}
    assert (found.routes["r"].small, found.routes["r"].large) == ((), ("d",))


def test_positions_of_keys_are_kept() -> None:
    found = draft(keys=[{"name": "a"}, "broken", {"name": "c"}])
    assert {index: key.name for index, key in found.keys.items()} == {0: "a", 2: "c"}


def test_anything_at_all_makes_a_draft() -> None:
    for odd in (None, "x", ["x"], {"x": "y"}, {"x": None}):
        names = ("deployments", "routes", "keys", "policy", "redis", "cache", "ledger", "server", "reference")
        found = draft(**dict.fromkeys(names, odd))
        assert found.server.port == 8080


def test_a_report_does_not_repeat_what_is_known() -> None:
    document = Document("t.yaml", {})
    document.report(("a", "b"), "m")
    report = Report(document)
    report.error(("a", "b", 0), "follows from it")
    report.error(("a", "c"), "does not")
    assert [problem.path for problem in report.problems] == ["a.c"]
