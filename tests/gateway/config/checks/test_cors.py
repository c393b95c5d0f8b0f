"""If these fail, an operator lists an origin that no browser sends, and looks for the fault elsewhere."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said


@pytest.mark.parametrize(
    "origin",
    ["https://chat.example.com", "http://localhost:5173", "http://[::1]:8080", "tauri://localhost", "app://-", "*"],
)
def test_good_ones(origin: str) -> None:
    found = loaded(f'{BASE}server: {{cors: {{origins: ["{origin}"]}}}}\n')
    assert found.settings.server.cors.origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        "chat.example.com",
        "https://chat.example.com/",
        "https://Chat.example.com",
        "https://*.example.com/x",
        "null",
        "",
    ],
)
def test_bad_ones(origin: str) -> None:
    (found,) = said(f'{BASE}server:\n  cors: {{origins: ["https://good.example.com", "{origin}"]}}\n')
    assert found.startswith(
        f":7: server.cors.origins[1]: '{origin}' is no origin; write it like https://chat.example.com"
    )
