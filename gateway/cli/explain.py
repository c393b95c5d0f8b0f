"""`tidegate explain "prompt"`: where a prompt would go, and why. Nothing is sent anywhere."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from gateway.app import plan_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.config.rulebook import Rulebook, rules_of
from gateway.config.settings import Settings
from gateway.detection.scanners import configured
from gateway.difficulty.estimators import SHIPPED
from gateway.difficulty.estimators import Configured as Models
from gateway.difficulty.estimators import configured as configured_models
from gateway.egress.fleet import candidate_of
from router.asker import NOBODY, Asker
from router.clearance import Clearance
from router.content import content_of_text
from router.decision import Decision, Ruling
from router.router import Label, Router
from router.sensitivity.finding import Finding
from router.sensitivity.scanner import Scanner

_PLUGIN_SECONDS = 120.0  # for the models of plug-ins to load


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", help="the text; - reads it from standard input")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the shipped one")
    parser.add_argument("--route", default="auto", help="default: auto")
    parser.add_argument("--key", metavar="NAME", help="as if asked with this key; default: with none")
    parser.add_argument("--locality", default="any", help="how far the caller lets it travel, such as local")
    parser.add_argument("--label", action="append", default=[], help="a label of the caller's, such as confidential")
    parser.add_argument("--down", action="append", default=[], metavar="DEPLOYMENT", help="as if it were down")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace) -> int:
    try:
        loaded = load(args.config)
        settings = loaded.settings
        circumstances = _circumstances(args, settings)
    except (ConfigurationError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    text = sys.stdin.read() if args.prompt == "-" else args.prompt
    models = configured_models(loaded)
    decision = decide(scanner_of(loaded), settings, text, circumstances, models)
    head = models.named.get(decision.head, SHIPPED)
    print(_json(decision, head) if args.format == "json" else _text(decision, settings, head))
    return 0


def scanner_of(loaded: Loaded) -> Scanner:
    """The scanner that the gateway would use, with its plug-ins at work."""
    made = configured(loaded)
    for plugin in made.outside:
        plugin.loaded(_PLUGIN_SECONDS)
    return made.scanner


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Of whom and how it is asked, and what is down meanwhile."""

    route: str
    asker: Asker = NOBODY
    labels: tuple[Label, ...] = ()
    down: frozenset[str] = frozenset()


def decide(scanner: Scanner, settings: Settings, text: str, circumstances: Circumstances, models: Models) -> Decision:
    """What the gateway would decide with this configuration."""
    router = Router(scanner, models.shipped, (rules_of(settings.policy),), heads=models.heads)
    down = circumstances.down
    fleet = {name: candidate_of(name, d, name not in down) for name, d in settings.deployments.items() if not d.asleep}
    plan = plan_of(circumstances.route, settings)
    content, body = content_of_text(text), {"text": text}
    labels, asker = circumstances.labels, circumstances.asker
    return router.decide(plan, content, fleet, body=body, labels=labels, asker=asker, everything=True)


def _circumstances(args: argparse.Namespace, settings: Settings) -> Circumstances:
    """Raises `ValueError` for a name that is not there, a clearance that is none."""
    rulebook = Rulebook.of(settings)
    labels = [Label("caller", Clearance.parse(args.locality))]
    asker = Asker(region=settings.region or "")
    _check_there("route", [args.route], settings.routes)
    _check_there("deployment", args.down, settings.deployments)
    _check_there("label", [label.lower() for label in args.label], sorted(rulebook.labels))
    if args.key is not None:
        keys = {key.name: key for key in settings.keys}
        _check_there("key", [args.key], keys)
        asker = rulebook.asker(keys[args.key])
        labels.insert(0, Label("key", rulebook.locality(keys[args.key])))
    asker = asker._replace(labels=frozenset(label.lower() for label in args.label))
    return Circumstances(args.route, asker, tuple(labels), frozenset(args.down))


def _check_there(kind: str, names: Iterable[str], there: Collection[str]) -> None:
    for name in names:
        if name not in there:
            raise ValueError(f"no {kind} '{name}'; there are: {', '.join(there) or 'none'}")


def _text(decision: Decision, settings: Settings, head: str) -> str:
    difficulty = "not asked" if decision.difficulty is None else f"{decision.difficulty:.4f}, by the head {head}"
    lines = [f"route       {decision.route}", f"clearance   {decision.clearance}", f"difficulty  {difficulty}"]
    lines += [f"reason      {reason}" for reason in decision.reasons]
    lines += [f"rule        {_said(ruling)}" for ruling in decision.rulings]
    lines += [f"found       {kind} {count}" for kind, count in _counted(decision.findings).items()]
    if decision.masked:
        counts = _counted(decision.masked)
        lines.append("masked      " + ", ".join(f"{kind} {count}" for kind, count in counts.items()))
    for finding in decision.findings:
        lines.append(
            f"finding     {finding.type} at {finding.start}-{finding.end}, confidence {finding.confidence:.2f}"
        )
    for place, name in enumerate(decision.candidates, 1):
        deployment = settings.deployments[name]
        how = "" if decision.clearance.permits(deployment.zone) else ", masked"
        lines.append(f"{place}. {name}  zone {deployment.zone}, {deployment.engine}, {deployment.model}{how}")
    if decision.is_blocked:
        lines.append("refused with 400: a rule blocks it")
    elif not decision.candidates:
        lines.append("refused with 503: nothing that may see this is available")
    return "\n".join(lines)


def _said(ruling: Ruling) -> str:
    """`policy.rules[0] says local of EMAIL 2, IBAN 1`."""
    says = "block" if ruling.clearance.is_nowhere else str(ruling.clearance)
    of = "the whole request" if ruling.is_whole else ", ".join(f"{kind} {count}" for kind, count in ruling.counts)
    return f"{ruling.rule} says {says} of {of}"


def _counted(findings: Iterable[Finding]) -> dict[str, int]:
    return dict(sorted(Counter(finding.type for finding in findings).items()))


def _json(decision: Decision, head: str) -> str:
    return json.dumps(
        {
            "route": decision.route,
            "clearance": str(decision.clearance),
            "difficulty": decision.difficulty,
            "head": None if decision.difficulty is None else head,
            "reasons": [{"code": reason.code, "detail": reason.detail} for reason in decision.reasons],
            "rules": [
                {
                    "rule": ruling.rule,
                    "clearance": str(ruling.clearance),
                    "types": dict(ruling.counts),
                    "whole": ruling.is_whole,
                }
                for ruling in decision.rulings
            ],
            "found": _counted(decision.findings),
            "masked": _counted(decision.masked),
            "blocked": decision.is_blocked,
            "findings": [
                {"type": f.type, "segment": f.segment, "start": f.start, "end": f.end, "confidence": f.confidence}
                for f in decision.findings
            ],
            "candidates": list(decision.candidates),
        },
        indent=2,
    )
