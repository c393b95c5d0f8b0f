"""Example files: prompts of a specialist's domain that stand beside the configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.config.checks.report import Report
from gateway.config.listfile import text_of
from gateway.config.problems import Path as Place
from gateway.config.settings import Route
from router.content import Origin, content_of_messages

FEWEST, MOST = 10, 2_000
LONGEST = 32_768  # characters of one example; of a longer one only the ends would be read


def all_examples(
    routes: Mapping[str, Route], directory: Path, report: Report
) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The examples of each specialist of each route. What is wrong with a file is reported."""
    return {
        name: {
            specialist.name: _read(
                directory / Path(specialist.examples).expanduser(),
                ("routes", name, "specialists", place, "examples"),
                report,
            )
            for place, specialist in enumerate(route.specialists)
        }
        for name, route in routes.items()
        if route.specialists
    }


def _read(file: Path, path: Place, report: Report) -> tuple[str, ...]:
    text = text_of(file, path, report, if_large="a few dozen examples are enough")
    if text is None:
        return ()
    try:
        prompts = tuple(dict.fromkeys(_prompts(text, is_json=file.suffix == ".jsonl")))
    except ValueError as error:
        report.error(path, f"{error} of {file}", 'write objects such as {"prompt": "…"}, one a line')
        return ()
    if not FEWEST <= len(prompts) <= MOST:
        remedy = f"give {FEWEST} at least, {MOST} at most; 30 different ones are a good start"
        report.error(path, f"{file} has {len(prompts)} different examples", remedy)
        return ()
    return prompts


def _prompts(text: str, *, is_json: bool) -> Iterator[str]:
    """Raises `ValueError` that names the line."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            prompt = _prompt_in(line) if is_json else line.strip()
            if prompt is None:
                raise ValueError(f"no prompt is in line {number}")
            yield prompt[:LONGEST]


def _prompt_in(line: str) -> str | None:
    """`prompt`, or what the user said last in `messages`."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict):
        return None
    prompt, messages = row.get("prompt"), row.get("messages")
    if isinstance(messages, list):
        asked = [message for message in messages if isinstance(message, dict) and message.get("role") == "user"]
        said = content_of_messages(asked[-1:]).segments
        prompt = "\n".join(segment.text for segment in said if segment.origin is Origin.USER)
    return prompt.strip() or None if isinstance(prompt, str) else None
