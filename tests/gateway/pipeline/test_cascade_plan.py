"""If these fail, a route's cascade is served with other settings than it was given."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.pipeline.cascade_plan import CascadePlan, cascades_of
from router.cascade.features import FEATURE_NAMES
from router.cascade.head import Head
from tests.gateway.config.harness import BASE, loaded


def test_only_routes_that_have_one() -> None:
    assert cascades_of(loaded(BASE)) == {}
    own = "{small: [small], large: [large], cascade: {band: [0.2, 0.9], hold: 3, samples: 2, escalate_above: 0.7}}"
    assert cascades_of(loaded(f"{BASE}  careful: {own}\n")) == {"careful": CascadePlan(0.2, 0.9, 3.0, 2, 0.7)}


def with_a_head(tmp_path: Path) -> Loaded:
    size = len(FEATURE_NAMES)
    Head([0.0] * size, [0.0] * size, [1.0] * size, 0.0, True, {"deployment": "small"}).save(tmp_path / "head")
    deployment = {"zone": "local", "engine": "openai", "base_url": "http://127.0.0.1:9101/v1", "model": "m"}
    route = {"small": ["small"], "large": ["large"], "cascade": {"head": "head"}}
    file = tmp_path / "tidegate.yaml"
    file.write_text(json.dumps({"deployments": {"small": deployment, "large": deployment}, "routes": {"auto": route}}))
    return load(file, environ={})


def test_a_head_is_found_beside_the_file_and_knows_whose_it_is(tmp_path: Path) -> None:
    plan = cascades_of(with_a_head(tmp_path))["auto"]
    assert plan.deployment == "small"
    assert plan.head is not None
    assert (plan.low, plan.high, plan.hold, plan.samples, plan.escalate_above) == (0.35, 0.65, 1.5, 1, 0.5)


def test_a_head_that_has_gone_or_is_half_written_ends_no_worker(tmp_path: Path) -> None:
    loaded = with_a_head(tmp_path)
    arrays = tmp_path / "head" / "arrays.npz"
    arrays.write_bytes(arrays.read_bytes()[:-1])
    assert cascades_of(loaded)["auto"].head is None
    shutil.rmtree(tmp_path / "head")
    assert cascades_of(loaded)["auto"].head is None
