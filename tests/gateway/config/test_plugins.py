"""A plug-in that is not whole is told before the gateway serves, not by its first request."""

from __future__ import annotations

from pathlib import Path

from gateway.config.plugins import KNOWN, missing_model, missing_packages, presidio_model


def test_what_is_not_installed_is_named_by_its_package() -> None:
    assert missing_packages("gliner") == ["gliner"]
    assert set(missing_packages("presidio")) <= set(KNOWN["presidio"].values())


def test_a_model_is_a_package_or_a_directory(tmp_path: Path) -> None:
    assert missing_model("presidio", {"language": "de"}) == "de_core_web_sm"
    assert missing_model("presidio", {"model": str(tmp_path)}) == ""
    assert missing_model("presidio", {"model": "json"}) == ""  # any package that is installed
    assert missing_model("gliner", {}) == "none named"
    assert missing_model("gliner", {"model": str(tmp_path)}) == ""
    assert missing_model("credsweeper", {}) == ""
    assert presidio_model({}) == "en_core_web_sm"
