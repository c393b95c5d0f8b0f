"""`tidegate explain "prompt"`: where a prompt would go, and why. Nothing is sent anywhere."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from gateway.app import plan_of, policy_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.config.settings import Settings
from gateway.detection.scanners import configured
from gateway.egress.fleet import candidate_of
from router.clearance import Clearance
from router.content import Content, content_of_text
from router.decision import Decision
from router.difficulty.estimator import Estimator
from router.router import Label, Router
from router.sensitivity.scanner import Scanner

_PLUGIN_SECONDS = 120.0  # for the models of plug-ins to load


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", help="the text; - reads it from standard input")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the shipped one")
    parser.add_argument("--route", default="auto", help="default: auto")
    parser.add_argument("--locality", default="any", help="a label of the caller's, such as local")
    parser.add_argument("--down", action="append", default=[], metavar="DEPLOYMENT", help="as if it were down")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace) -> int:
    try:
        loaded = load(args.config)
        label = Label("caller", Clearance.parse(args.locality))
    except (ConfigurationError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    settings = loaded.settings
    if args.route not in settings.routes:
        print(f"no route '{args.route}'; there are: {', '.join(settings.routes)}", file=sys.stderr)
        return 1
    unknown = [name for name in args.down if name not in settings.deployments]
    if unknown:
        print(f"no deployment '{unknown[0]}'; there are: {', '.join(settings.deployments)}", file=sys.stderr)
        return 1
    content = content_of_text(sys.stdin.read() if args.prompt == "-" else args.prompt)
    scanner = scanner_of(loaded)
    decision = decide(scanner, settings, args.route, content, label, frozenset(args.down))
    print(_json(decision) if args.format == "json" else _text(decision, settings))
    return 0


def scanner_of(loaded: Loaded) -> Scanner:
    """The scanner that the gateway would use, with its plug-ins at work."""
    made = configured(loaded)
    for plugin in made.outside:
        plugin.loaded(_PLUGIN_SECONDS)
    return made.scanner


def decide(
    scanner: Scanner, settings: Settings, route: str, content: Content, label: Label, down: frozenset[str]
) -> Decision:
    """What the gateway would decide with this configuration and these deployments down."""
    router = Router(scanner, Estimator.shipped(), policy_of(settings.policy.rules))
    fleet = {name: candidate_of(name, d, name not in down) for name, d in settings.deployments.items() if not d.asleep}
    return router.decide(plan_of(route, settings), content, fleet, labels=(label,))


def _text(decision: Decision, settings: Settings) -> str:
    difficulty = "not asked" if decision.difficulty is None else f"{decision.difficulty:.4f}"
    lines = [f"route       {decision.route}", f"clearance   {decision.clearance}", f"difficulty  {difficulty}"]
    lines += [f"reason      {reason}" for reason in decision.reasons]
    for finding in decision.findings:
        lines.append(
            f"finding     {finding.type} at {finding.start}-{finding.end}, confidence {finding.confidence:.2f}"
        )
    for place, name in enumerate(decision.candidates, 1):
        deployment = settings.deployments[name]
        lines.append(f"{place}. {name}  zone {deployment.zone}, {deployment.engine}, {deployment.model}")
    if not decision.candidates:
        lines.append("refused with 503: nothing that may see this is available")
    return "\n".join(lines)


def _json(decision: Decision) -> str:
    return json.dumps(
        {
            "route": decision.route,
            "clearance": str(decision.clearance),
            "difficulty": decision.difficulty,
            "reasons": [{"code": reason.code, "detail": reason.detail} for reason in decision.reasons],
            "findings": [
                {"type": f.type, "segment": f.segment, "start": f.start, "end": f.end, "confidence": f.confidence}
                for f in decision.findings
            ],
            "candidates": list(decision.candidates),
        },
        indent=2,
    )
