"""Train the tagger that tells private persons from all other names, and print how well it does on what it has not seen.

    python -m router.sensitivity.training SENSITIVITY_DIR ROUTING_DIR [--write DIR]

SENSITIVITY_DIR holds `dev_*.jsonl.gz`, ROUTING_DIR the harmless prompts `*.jsonl.gz`. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from router.sensitivity.tagger.model import SHIPPED
from router.sensitivity.training import fit, rows

_PERSON_ALARMS, _WORKING_ALARMS = 0.009, 0.009  # of harmless texts, for choosing the thresholds on held-out scores


def figures(
    texts: Sequence[fit.Reading], person: fit.Floats, working: fit.Floats, at: tuple[float, float]
) -> list[str]:
    """Found texts by kind and source, by either model and both."""
    groups: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for text, by_person, by_working in zip(texts, person, working, strict=True):
        row = text.row
        if row.kind == "person" and not row.spans:
            continue
        language = row.language if row.source.startswith(("own-", "apart-")) else ""
        name = f"{row.kind} {row.source} {language}"
        groups[name].append((by_person > at[0], by_working > at[1]))
        if _testing(row):
            groups["harmless ALL"].append((by_person > at[0], by_working > at[1]))
    lines = []
    for name, found in sorted(groups.items()):
        hits = np.array(found)
        lines.append(
            f"{name:<40} person {hits[:, 0].mean():.3f} working {hits[:, 1].mean():.3f} "
            f"either {hits.any(axis=1).mean():.3f} of {len(hits)}"
        )
    return lines


def _testing(row: rows.Row) -> bool:
    return row.kind == "harmless" and not row.source.startswith(("own-", "apart-", "routing-"))


def thresholds(texts: Sequence[fit.Reading], person: fit.Floats, working: fit.Floats) -> tuple[float, float]:
    """Where so many of the harmless development texts are taken for something else."""
    harmless = np.array([_testing(text.row) for text in texts])
    return (
        float(np.quantile(person[harmless], 1 - _PERSON_ALARMS, method="higher")),
        float(np.quantile(working[harmless], 1 - _WORKING_ALARMS, method="higher")),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sensitivity", type=Path)
    parser.add_argument("routing", type=Path)
    parser.add_argument("--write", type=Path, help=f"where the artifact goes, e.g. {SHIPPED.name}/")
    arguments = parser.parse_args()
    all_rows = [
        *rows.generated(),
        *rows.apart(),
        *rows.labelled(arguments.sensitivity),
        *rows.prompts(arguments.routing),
    ]
    common = fit.common_words(all_rows)
    texts = fit.readings(all_rows, common)
    report: dict[str, list[str]] = {}
    for by_source in (True, False):
        person, working = fit.held_out(texts, by_source)
        at = thresholds(texts, person, working)
        title = "templates and sources of real prompts left out" if by_source else "templates and rows left out"
        report[title] = figures(texts, person, working, at)
        print(f"\n{title}; thresholds {at[0]:.2f} {at[1]:.2f}", *report[title], sep="\n")
    parameters = fit.fitted(texts, common, at)
    if arguments.write:
        parameters.write(arguments.write, card(texts, report, at))


def card(texts: Sequence[fit.Reading], report: dict[str, list[str]], at: tuple[float, float]) -> dict[str, object]:
    sources = sorted({text.row.source for text in texts if fit.shippable(text.row)})
    return {
        "what": "tells private persons' names, and names in somebody's working texts, from all other capitalised words",
        "trained_on": sources,
        "licences": "MIT, Apache-2.0, CC0, CC-BY-4.0 (MEDDOCAN, Plan de Impulso de las Tecnologias del Lenguaje)",
        "thresholds": [round(value, 3) for value in at],
        "held_out": report,
    }


if __name__ == "__main__":
    main()
