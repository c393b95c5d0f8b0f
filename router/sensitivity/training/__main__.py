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

_PERSON_ALARMS, _WORKING_ALARMS = 0.010, 0.008  # of harmless texts, for choosing the thresholds on held-out scores


def figures(
    texts: Sequence[fit.Reading], person: fit.Floats, working: fit.Floats, at: tuple[float, float]
) -> list[str]:
    """Found texts by kind and source, by either model and both, with the 95 % interval of both."""
    groups: dict[str, list[tuple[bool, bool, str]]] = defaultdict(list)
    for text, by_person, by_working in zip(texts, person, working, strict=True):
        row = text.row
        if row.kind == "person" and not row.spans:
            continue
        language = row.language if row.source.startswith(("own-", "apart-")) else ""
        hit = (bool(by_person > at[0]), bool(by_working > at[1]), row.group)
        groups[f"{row.kind} {row.source} {language}"].append(hit)
        if _testing(row):
            groups["harmless ALL"].append(hit)
    lines = []
    for name, found in sorted(groups.items()):
        by_person, by_working = (np.mean([hit[side] for hit in found]) for side in (0, 1))
        either = [(hit[0] or hit[1], hit[2]) for hit in found]
        low, high = interval(either)
        lines.append(
            f"{name:<40} person {by_person:.3f} working {by_working:.3f} "
            f"either {np.mean([hit for hit, _ in either]):.3f} ({low:.3f}-{high:.3f}) of {len(found)}"
        )
    return lines


def interval(hits: Sequence[tuple[bool, str]]) -> tuple[float, float]:
    """95 % interval of the share of hits, texts of one group (the second value) counted as alike as they are.

    Where all or none are hits, by the rule of three.
    """
    share = sum(hit for hit, _ in hits) / len(hits)
    apart: dict[str, float] = defaultdict(float)
    for hit, group in hits:
        apart[group] += hit - share
    half = 1.96 * sum(value**2 for value in apart.values()) ** 0.5 / len(hits)
    if not half:
        half = min(1.0, 3.0 / len(apart))
    return max(0.0, share - half), min(1.0, share + half)


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
