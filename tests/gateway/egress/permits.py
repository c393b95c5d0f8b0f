"""Permits for tests: what the guard gives for content that may go anywhere."""

from __future__ import annotations

from typing import Any

from gateway.egress.guard import Guard, Permit
from gateway.egress.target import Patience, Target
from router.clearance import ANY

PATIENCE = 0.3  # seconds


def patience(**limits: float) -> Patience:
    return Patience(**{"connect": 5.0, "first_token": 120.0, "between_chunks": 60.0, "total": 600.0, **limits})


def permit(base_url: str, *, zone: str = "cloud", engine: str = "openai", model: str = "m", **more: Any) -> Permit:
    limits = {"connect": PATIENCE, "first_token": PATIENCE, "between_chunks": PATIENCE, "total": 4 * PATIENCE}
    patient = patience(**{**limits, **more.pop("timeouts", {})})
    target = Target("d", zone, engine, model, base_url, patient, **{"api_key": "sk-of-the-house", **more})
    return Guard(lambda *_: None).permit(target, ANY)
