"""Loads configurations that stand in a test as text."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError, Problem

BASE = """\
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1", model: local-model}
  large: {zone: cloud, engine: openai, base_url: "https://api.example.com/v1", model: cloud-model, api_key: k}
routes:
  auto: {small: [small], large: [large]}
"""


def loaded(text: str, environ: Mapping[str, str] | None = None) -> Loaded:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "tidegate.yaml"
        file.write_text(dedent(text))
        return load(file, environ=environ or {})


def problems_of(text: str, environ: Mapping[str, str] | None = None) -> list[Problem]:
    """What is wrong with a configuration; an empty list if nothing is."""
    try:
        loaded(text, environ)
    except ConfigurationError as error:
        return list(error.problems)
    return []


def said(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """The problems in words: line, path, message and remedy, without the file."""
    return [str(problem).removeprefix(problem.file) for problem in problems_of(text, environ)]


def deployment(settings: str, name: str = "d") -> str:
    """A configuration whose one deployment, in line 2, is as given."""
    quoted = json.dumps(name)
    return f"deployments:\n  {quoted}: {{{settings}}}\nroutes:\n  auto: {{small: [{quoted}]}}\n"
