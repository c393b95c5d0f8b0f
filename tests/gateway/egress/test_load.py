"""If these fail, a busy server is taken for an idle one. What is read here is what such servers write."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.egress.load import SERVERS, Reading

SLOTS = b"""[{"id":0,"n_ctx":4096,"speculative":false,"is_processing":true,"params":{"n_predict":-1}},
{"id":1,"n_ctx":4096,"speculative":false,"is_processing":false}]"""
OLD_SLOTS = b'[{"id":0,"state":1,"n_ctx":512},{"id":1,"state":1,"n_ctx":512}]'
LLAMA = b"""# HELP llamacpp:requests_processing Number of requests processing.
# TYPE llamacpp:requests_processing gauge
llamacpp:requests_processing 2
# HELP llamacpp:requests_deferred Number of requests deferred.
# TYPE llamacpp:requests_deferred gauge
llamacpp:requests_deferred 3
"""
VLLM = b"""# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="Qwen/Qwen3-8B"} 4.0
vllm:num_requests_running{engine="1",model_name="Qwen/Qwen3-8B"} 3.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="Qwen/Qwen3-8B"} 0.0
vllm:num_requests_waiting_by_reason{reason="capacity"} 9.0
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="a } b"} 0.31
"""
PS = b'{"models":[{"name":"gemma3:270m","model":"gemma3:270m","size_vram":291}, {"name":"mistral:latest"}]}'


@pytest.mark.parametrize(
    ("kind", "said", "reading"),
    [
        ("llama.cpp", {"/slots": SLOTS}, Reading(1, is_full=False)),
        ("llama.cpp", {"/slots": OLD_SLOTS, "/metrics": LLAMA}, Reading(5, is_full=True)),
        ("llama.cpp", {"/metrics": LLAMA}, Reading(5, is_full=True)),
        ("vllm", {"/metrics": VLLM}, Reading(7)),
        ("vllm", {"/metrics": VLLM.replace(b"0.31", b"0.97")}, Reading(7, is_full=True)),
        ("vllm", {"/metrics": VLLM.replace(b'model_name="Qwen/Qwen3-8B"} 0.0', b"} 2.0")}, Reading(9, is_full=True)),
        ("vllm", {"/metrics": VLLM.replace(b"kv_cache", b"gpu_cache")}, Reading(7)),
    ],
)
def test_what_servers_say(kind: str, said: dict[str, bytes], reading: Reading) -> None:
    assert SERVERS[kind].read(said, "m") == reading


@pytest.mark.parametrize(
    ("model", "warm"),
    [("gemma3:270m", True), ("mistral", True), ("gemma3", False), ("hub.example:5000/mistral", False)],
)
def test_which_models_are_loaded(model: str, warm: bool) -> None:
    assert SERVERS["ollama"].read({"/api/ps": PS}, model) == Reading(is_warm=warm)


@pytest.mark.parametrize("kind", SERVERS)
def test_another_kind_of_server_is_none_of_this_kind(kind: str) -> None:
    others = {"llama.cpp": {"/metrics": VLLM, "/slots": PS}, "vllm": {"/metrics": LLAMA}, "ollama": {"/api/ps": SLOTS}}
    assert SERVERS[kind].read(others[kind], "m") is None
    assert SERVERS[kind].read({}, "m") is None


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("ollama", {"/api/ps": b'{"models":[{"name":["m"],"model":{"of":"m"}}]}'}),
        ("vllm", {"/metrics": b'vllm:num_requests_running{e="0"} 1e308\nvllm:num_requests_running{e="1"} 1e308\n'}),
        ("llama.cpp", {"/metrics": b"llamacpp:requests_processing 1e308\n" * 2}),
    ],
)
def test_what_makes_no_sense_ends_no_watch(kind: str, said: dict[str, bytes]) -> None:
    """Nobody would look at the server again."""
    reading = SERVERS[kind].read(said, "m")
    assert reading is None or reading == Reading(is_warm=False)


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda children: (
            st.lists(children, max_size=3)
            | st.dictionaries(st.sampled_from(["models", "name", "state", "id"]), children)
        ),
    ).map(lambda value: orjson.dumps(value) if _fits(value) else b"[]")
    | st.text(max_size=60).map(lambda text: f"vllm:num_requests_running{text}".encode("utf-8", "replace"))
)
def test_whatever_a_server_says_nothing_breaks(said: bytes) -> None:
    for server in SERVERS.values():
        reading = server.read(dict.fromkeys(server.paths, said), "m")
        assert reading is None or reading.busy >= 0


def _fits(value: object) -> bool:
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True
