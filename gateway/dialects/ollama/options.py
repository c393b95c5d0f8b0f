"""Options: how an answer is to be made, in the words of a chat request.

What says how a model is to be loaded (`num_ctx`, `num_gpu`…) is the business of the server that loads it: not sent on.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.dialects.ollama.fields import Json, flag, mapping, wrong

_LOADING_WORDS = """
    numa num_ctx num_batch num_gpu main_gpu low_vram f16_kv logits_all vocab_only use_mmap use_mlock num_thread num_keep
    embedding_only draft_num_predict use_imagegen_runner
"""
# These keep their names: OpenAI's are the same, and llama.cpp's server and others have the rest.
_NUMBER_WORDS = """
    temperature top_p top_k min_p typical_p tfs_z seed repeat_last_n repeat_penalty presence_penalty frequency_penalty
    mirostat mirostat_tau mirostat_eta num_predict
"""
# What a chat request says in places of its own. A field or option of that name means nothing to Ollama.
_CHAT_WORDS = """
    model messages prompt input stream stream_options n tools tool_choice parallel_tool_calls functions function_call
    response_format logprobs top_logprobs reasoning_effort reasoning thinking modalities audio
"""
_LOADING = frozenset(_LOADING_WORDS.split())
_NUMBERS = frozenset(_NUMBER_WORDS.split())
TAKEN = frozenset(_CHAT_WORDS.split())
_RANDOM_SEED = -1
_MOST_LOGPROBS = 20
_EFFORTS = {True: "medium", False: "none"}


def sampling(body: Mapping[str, object]) -> Json:
    """`options` as fields of a chat request. Raises `BadRequest` for one that is no number where it must be."""
    fields: Json = {}
    for name, value in mapping(body, "options").items():
        if value is None or name in _LOADING or name in TAKEN:
            continue
        if name in _NUMBERS and (not isinstance(value, int | float) or isinstance(value, bool)):
            wrong(f"options.{name}", "must be a number")
        fields[name] = value
    limit = fields.pop("num_predict", 0)
    if limit > 0:  # -1: as much as the model likes; -2: as much as fits
        fields["max_tokens"] = int(limit)
    if fields.get("seed") == _RANDOM_SEED:
        del fields["seed"]
    if "repeat_penalty" in fields:
        fields["repetition_penalty"] = fields["repeat_penalty"]  # vLLM's name for it
    _check_stop(fields)
    return fields


def _check_stop(fields: Json) -> None:
    stop = fields.get("stop", "")
    if isinstance(stop, list) and all(isinstance(word, str) for word in stop):
        if not stop:
            del fields["stop"]
    elif not isinstance(stop, str):
        wrong("options.stop", "must be a list of strings")


def form(body: Mapping[str, object]) -> Json:
    """`format`: any JSON object, or one of a schema."""
    wanted = body.get("format")
    if wanted is None or wanted == "":
        return {}
    if wanted == "json":
        return {"response_format": {"type": "json_object"}}
    if not isinstance(wanted, dict):
        wrong("format", 'must be "json" or a JSON schema', "invalid_value")
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": wanted}}}


def thinking(body: Mapping[str, object]) -> Json:
    """`think`: whether to, or how much. Left out, the model does as it does."""
    think = body.get("think")
    if think is None or think == "":
        return {}
    if isinstance(think, bool):
        return {"reasoning_effort": _EFFORTS[think]}
    if not isinstance(think, str):
        wrong("think", 'must be true, false, or one of "low", "medium" and "high"')
    return {"reasoning_effort": think}


def probabilities(body: Mapping[str, object]) -> Json:
    most = body.get("top_logprobs")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or not 0 <= most <= _MOST_LOGPROBS):
        wrong("top_logprobs", f"must be a whole number from 0 to {_MOST_LOGPROBS}", "invalid_value")
    if not flag(body, "logprobs", default=False):
        return {}
    return {"logprobs": True, "top_logprobs": most} if most else {"logprobs": True}
