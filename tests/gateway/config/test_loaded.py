"""Paths in a configuration mean what they say, wherever the gateway was started from."""

from __future__ import annotations

from pathlib import Path

from tests.gateway.config.harness import BASE, loaded


def test_a_relative_path_starts_at_the_configuration() -> None:
    found = loaded(BASE)
    assert found.resolve("models/a.gguf") == found.directory / "models/a.gguf"
    assert found.resolve("/models/a.gguf") == Path("/models/a.gguf")
    assert found.resolve("~/a.gguf") == Path.home() / "a.gguf"
