"""`tidegate explain "prompt"`: where a prompt would go, and why. Nothing is sent anywhere."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.config.routeplans import plan_of
from gateway.config.rulebook import Rulebook, rules_of
from gateway.config.settings import Settings
from gateway.config.specialising import specialists_in
from gateway.config.timezone import zone_of
from gateway.detection.scanners import configured
from gateway.dials.controllers import Controllers
from gateway.dials.dials import dials_of
from gateway.dials.knob import Knob
from gateway.difficulty.estimators import SHIPPED
from gateway.difficulty.estimators import Configured as Models
from gateway.difficulty.estimators import configured as configured_models
from gateway.egress.fleet import candidate_of
from router.asker import NOBODY, Asker
from router.capability import NO_NEEDS
from router.clearance import Clearance
from router.content import content_of_text
from router.decision import Decision, Ruling
from router.difficulty.view import view_of_content
from router.facts import Facts
from router.occasion import NO_OCCASION, Occasion, tags_in
from router.router import Label, Router
from router.sensitivity.finding import Finding
from router.sensitivity.scanner import Scanner
from router.specialists.specialists import Specialists
from router.strategy import RoutePlan

_PLUGIN_SECONDS = 120.0  # for the models of plug-ins to load


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", help="the text; - reads it from standard input")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")
    parser.add_argument("--route", default="auto", help="default: auto")
    parser.add_argument("--key", metavar="NAME", help="as if asked with this key; default: with none")
    parser.add_argument("--locality", default="any", help="how far the caller lets it travel, such as local")
    parser.add_argument("--label", action="append", default=[], help="a label of the caller's, such as confidential")
    parser.add_argument("--tag", action="append", default=[], help="a tag of the caller's, for routing rules")
    parser.add_argument("--at", metavar="TIME", help="as if asked then: 2026-03-29T23:30+02:00; default: now")
    parser.add_argument("--dial", help="as a caller would ask for it, such as share=0.2; default: the route's own")
    parser.add_argument("--down", action="append", default=[], metavar="DEPLOYMENT", help="as if it were down")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace) -> int:
    try:
        loaded = load(args.config)
        settings = loaded.settings
        circumstances = _circumstances(args, loaded)
    except (ConfigurationError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    text = sys.stdin.read() if args.prompt == "-" else args.prompt
    models = configured_models(loaded)
    specialists = specialists_in(loaded).get(args.route)
    plan = plan_of(args.route, settings, specialists)
    decision = decide(scanner_of(loaded), settings, text, circumstances, models, plan)
    steps = [] if decision.is_blocked else _steps(plan, specialists, text, circumstances)
    explained = Explained(decision, steps, models.named.get(decision.head, SHIPPED), circumstances.knob)
    print(_json(explained) if args.format == "json" else _text(explained, settings))
    return 0


def scanner_of(loaded: Loaded) -> Scanner:
    """The scanner that the gateway would use, with its plug-ins at work."""
    made = configured(loaded)
    for plugin in made.outside:
        plugin.loaded(_PLUGIN_SECONDS)
    return made.scanner


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Of whom and how it is asked, and what is down meanwhile. `knob` is the dial as it stands before any traffic."""

    route: str
    asker: Asker = NOBODY
    labels: tuple[Label, ...] = ()
    down: frozenset[str] = frozenset()
    occasion: Occasion = NO_OCCASION
    knob: Knob | None = None


def decide(
    scanner: Scanner,
    settings: Settings,
    text: str,
    circumstances: Circumstances,
    models: Models,
    plan: RoutePlan | None = None,
) -> Decision:
    """What the gateway would decide with this configuration."""
    router = Router(scanner, models.shipped, (rules_of(settings.policy),), heads=models.heads)
    down = circumstances.down
    fleet = {name: candidate_of(name, d, name not in down) for name, d in settings.deployments.items() if not d.asleep}
    plan = plan or plan_of(circumstances.route, settings)
    content, body = content_of_text(text), {"text": text}
    labels, asker, occasion = circumstances.labels, circumstances.asker, circumstances.occasion
    threshold = None if circumstances.knob is None else circumstances.knob.threshold
    return router.decide(
        plan,
        content,
        fleet,
        body=body,
        labels=labels,
        asker=asker,
        occasion=occasion,
        everything=True,
        threshold=threshold,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One rule or specialist that was asked, and what came of it: a condition that did not hold, a score."""

    kind: Literal["rule", "specialist"]
    name: str
    takes: bool
    said: str

    def __str__(self) -> str:
        return f"{self.kind}({self.name}) {'takes it' if self.takes else 'leaves it'}: {self.said}"


class Explained(NamedTuple):
    """A decision, and what else is to be said of it: what was asked before difficulty, the head of that, the dial."""

    decision: Decision
    steps: Sequence[Step]
    head: str
    knob: Knob | None


def _steps(plan: RoutePlan, specialists: Specialists | None, text: str, circumstances: Circumstances) -> list[Step]:
    """Up to the one that decided, in order."""
    content, steps = content_of_text(text), list[Step]()
    facts = Facts(content, circumstances.asker, circumstances.occasion, NO_NEEDS, {"text": text})
    for rule in plan.rules:
        missed = rule.missed(facts)
        steps.append(Step("rule", rule.name, not missed, f"{missed} not met" if missed else "all of it holds"))
        if not missed:
            return steps
    if specialists is not None:
        lead = specialists.claim(content)
        scores = zip(specialists.names, specialists.scores(view_of_content(content)), strict=True)
        steps += [
            Step(
                "specialist",
                name,
                lead is not None and lead.reason.detail == name,
                f"{score:+.2f}, its own from 0 on",
            )
            for name, score in scores
        ]
    return steps


def _circumstances(args: argparse.Namespace, loaded: Loaded) -> Circumstances:
    """Raises `ValueError` for a name that is not there, a clearance or a dial that is none."""
    settings = loaded.settings
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
    occasion = Occasion(_time(args.at, settings.server.timezone), tags_in(args.tag))
    return Circumstances(args.route, asker, tuple(labels), frozenset(args.down), occasion, _knob(args, loaded))


def _time(text: str | None, timezone: str) -> float:
    """Without an offset, by the clocks of the server's time zone. Raises `ValueError` for what is no time."""
    if text is None:
        return time.time()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no time such as 2026-03-29T23:30+02:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone_of(timezone))).timestamp()


def _knob(args: argparse.Namespace, loaded: Loaded) -> Knob | None:
    """Raises `ValueError` for a dial that is none, or that the route does not have."""
    dials = dials_of(loaded, Controllers(time.monotonic), configured_models(loaded).serving).get(args.route)
    if args.dial is None:
        return None if dials is None else dials.default
    if dials is None:
        raise ValueError(f"route '{args.route}' has no dial: there is no choice between a small and a large model")
    return dials.asked(args.dial)


def _check_there(kind: str, names: Iterable[str], there: Collection[str]) -> None:
    for name in names:
        if name not in there:
            raise ValueError(f"no {kind} '{name}'; there are: {', '.join(there) or 'none'}")


def _text(explained: Explained, settings: Settings) -> str:
    decision, steps, head, knob = explained
    difficulty = "not asked" if decision.difficulty is None else f"{decision.difficulty:.4f}, by the head {head}"
    lines = [f"route       {decision.route}", f"clearance   {decision.clearance}", f"difficulty  {difficulty}"]
    if knob is not None:
        lines.append(f"dial        {knob}")
    lines += [f"reason      {reason}" for reason in decision.reasons]
    lines += [f"step        {step}" for step in steps]
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


def _json(explained: Explained) -> str:
    decision, steps, head, knob = explained
    return json.dumps(
        {
            "route": decision.route,
            "clearance": str(decision.clearance),
            "difficulty": decision.difficulty,
            "head": None if decision.difficulty is None else head,
            "dial": None if knob is None else str(knob),
            "reasons": [{"code": reason.code, "detail": reason.detail} for reason in decision.reasons],
            "steps": [{"kind": s.kind, "name": s.name, "takes": s.takes, "said": s.said} for s in steps],
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
