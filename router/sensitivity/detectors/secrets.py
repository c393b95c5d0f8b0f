"""Secrets whose form gives them away: vendors' keys and tokens, JSON web tokens, URL credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator

from router.sensitivity.around import Anchor
from router.sensitivity.detector import Prefix
from router.sensitivity.entropy import is_placeholder
from router.sensitivity.rule import Rule, RuleDetector

_W = r"[A-Za-z0-9_-]"
_A = r"[A-Za-z0-9]"
_HEX = r"[0-9a-f]"

# Prefix and shape as their vendors document them (or their own leak scanners' partner programmes list them).
_VENDOR_KEYS = (
    r"(?:BBDC-|sq[upa]_|cf(?:at|ut|k)_|IGQ[VW]|s-s4t2(?:af|ud)-|oy2|glsec_|mlsn\.|re_)[A-Za-z0-9_-]{24,250}",
    r"access_token\$production\$[a-z0-9]{13,20}\$[0-9a-f]{24,40}|00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{60,120}",
    rf"sk-ant-(?:api|admin)\d\d-{_W}{{20,120}}",
    rf"sk-(?:proj-|svcacct-|admin-|or-v1-|lf-)?{_W}{{16,200}}",
    rf"(?:xai|gsk|pplx|r8|llx|nvapi|fw|csk|tgp_v1|fc|tvly)[-_]{_W}{{20,120}}",
    rf"hf_{_A}{{28,40}}|api_org_{_A}{{28,40}}",
    rf"AIza{_W}{{30,40}}",
    rf"ya29\.{_W}{{20,400}}|GOCSPX-{_W}{{20,40}}|1//0{_W}{{30,120}}",
    r"(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|ANPA|ANVA|AIPA)[A-Z0-9]{12,20}",
    rf"gh[pousr]_{_A}{{30,255}}|github_pat_{_A}{{20,30}}_?{_A}{{0,80}}",
    rf"(?:glpat|gldt|glrt|glptt|glcbt|glft|glsoat|glagent|glimt|gloas|glffct|GR1348941|"
    rf"_gitlab_session=)[-=]?{_W}{{18,130}}(?:\.{_W}{{2,20}}){{0,2}}",
    rf"xox[abeoprs]-[A-Za-z0-9-]{{10,250}}|xapp-\d-{_A}{{5,20}}-\d{{5,20}}-{_A}{{20,100}}|"
    rf"xox[e]\.xox[bp]-\d-{_A}{{20,200}}",
    r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{30,80}",
    rf"(?:sk|rk|pk)_(?:live|test|prod)_{_A}{{10,120}}|whsec_{_A}{{20,80}}",
    rf"SG\.{_W}{{16,24}}\.{_W}{{30,60}}|xkeysib-{_HEX}{{40,80}}-{_A}{{10,20}}|key-{_HEX}{{32}}",
    rf"npm_{_A}{{30,40}}|pypi-{_W}{{50,250}}|rubygems_{_HEX}{{40,60}}|cio{_A}{{30,40}}|NuGet:{_A}{{40,50}}",
    rf"dckr_(?:pat|oat)_{_W}{{20,40}}|SWM(?:TKN|KEY)-1-{_W}{{20,100}}",
    rf"(?:dop|doo|dor)_v1_{_HEX}{{60,68}}|dapi{_HEX}{{30,34}}(?:-\d)?",
    rf"shp(?:at|ca|pa|ss|tka)_[A-Fa-f0-9]{{30,34}}|sq0[a-z]{{3}}-{_W}{{20,50}}|EAAA[A-Za-z0-9_=-]{{50,70}}",
    r"EAA[A-Za-z0-9]{40,250}",
    rf"lin_(?:api|oauth)_{_A}{{30,64}}|ntn_{_A}{{40,50}}|secret_{_A}{{40,48}}|figd_{_W}{{30,60}}|"
    rf"pat{_A}{{14}}\.{_HEX}{{64}}",
    rf"(?:ATATT|ATCTT|ATBB)[A-Za-z0-9_=+/-]{{20,250}}|sntry[su]_{_A}[A-Za-z0-9_=+/-]{{30,250}}",
    rf"ops_eyJ{_W}{{40,900}}|A3-{_A}{{6}}-{_A}{{5,12}}-{_A}{{5}}-{_A}{{5}}-{_A}{{5}}-{_A}{{5}}",
    rf"hv[sbr]\.{_W}{{20,300}}|atlasv1\.{_W}{{50,80}}",
    rf"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{{2,40}}\.)?{_A}{{30,50}}|dnkey-{_W}{{40,120}}",
    r"(?:glc|glsa)_[A-Za-z0-9_+/=-]{30,250}|eyJrIjoi[A-Za-z0-9+/=]{40,200}",
    rf"(?:PMAK|PMAT)-{_A}{{20,40}}-?{_A}{{0,60}}|rdme_[a-z0-9]{{60,80}}|NRAK-[A-Z0-9]{{25,30}}|NR(?:JS|"
    rf"II|AA)-{_A}{{15,45}}",
    rf"AKC[A-Za-z0-9]{{10,100}}|AP[0-9A-F][A-Za-z0-9]{{10,100}}|cmVmd{_A}{{40,80}}",
    rf"NR(?:BR|IQ|AL)-{_A}{{15,45}}|NRII-{_W}{{20,40}}|[0-9a-f]{{6}}NRAL|tk-us-{_W}{{30,60}}|API-[A-Z0-9]{{25,31}}",
    rf"sgp_(?:local_|[0-9A-Fa-f]{{16}}_)?[0-9A-Fa-f]{{40}}|sl\.{_W}{{60,160}}|HRKU-{_W}{{30,80}}|rnd_{_A}{{28,40}}",
    rf"pscale_(?:pw|tkn|oauth)_{_W}{{30,64}}|duffel_(?:test|live)_{_W}{{40,50}}",
    rf"ph[csxrap]_{_A}{{30,70}}|sbp_{_HEX}{{40}}|sb_(?:secret|publishable)_{_W}{{20,60}}|"
    rf"fo1_{_W}{{40}}|FlyV1 fm\d_[A-Za-z0-9+/=,_-]{{50,500}}",
    rf"discord(?:app)?\.com/api/webhooks/\d{{15,20}}/{_W}{{50,80}}|"
    rf"outlook\.office\.com/webhook/[A-Za-z0-9@/-]{{80,200}}",
    rf"akab-{_A}{{14,20}}-{_A}{{14,20}}|tfp_{_A}{{40,60}}|CFPAT-{_W}{{40,50}}|LTAI{_A}{{12,24}}|AKID{_A}{{30,40}}",
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,60}|xprv[1-9A-HJ-NP-Za-km-z]{100,112}",
    r"(?:AccountKey|SharedAccessKey|SharedSecretValue)=[A-Za-z0-9+/]{40,90}={0,2}|[?&;]sig=[A-Za-z0-9%+/]{40,80}",
    rf"(?:tok|key|sec|jk|sk|pat|apikey|token)_(?:live|prod|test)?_?{_A}{{24,64}}",
    rf"(?:api|access|secret|auth)[-_](?:key|token)[-_]{_A}{{20,64}}|patpat_{_A}{{20}}|LLM-[A-Za-z0-9]{{30,60}}",
)
# Keys that no prefix gives away; the first of each pair is what the common pass looks for.
_SHAPED_KEYS = (
    (r"\bs\.[A-Za-z0-9]{8}", rf"s\.{_A}{{24}}"),
    (r"-us\d", rf"{_HEX}{{32}}-us\d{{1,2}}"),
    (r"\.atlasv1\.", rf"{_A}{{14}}\.atlasv1\.{_W}{{50,80}}"),
    (r"\d:AA[A-Za-z0-9_-]", rf"\d{{8,12}}:AA{_W}{{32,36}}"),
    (r"(?:^|[^A-Za-z0-9])S[UNOACX][A-Z2-7]{12}", r"S[UNOACX][A-Z2-7]{54,58}"),
    (r"(?:^|[^A-Za-z0-9])[5KL][1-9A-HJ-NP-Za-km-z]{24}", r"[5KL][1-9A-HJ-NP-Za-km-z]{50,51}"),
    (
        r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{3}",
        rf"[MNO]{_W}{{22,26}}\.{_W}{{6}}\.[A-Za-z0-9_!-]{{24,45}}|mfa\.{_W}{{80,90}}",
    ),
    (r"EZ[AT]K[A-Za-z0-9]{4}", rf"(?:^|[^A-Za-z0-9+/])(EZ[AT]K{_A}{{40,70}})"),
    (r"\dQ~[A-Za-z0-9_.~-]", rf"{_W}{{3}}\dQ~[A-Za-z0-9_.~-]{{31,34}}"),
    (r"(?:AC|SK)[0-9a-f]{6}", rf"(?:AC|SK){_HEX}{{32}}"),
)
_JWT = r"eyJ[A-Za-z0-9_-]{8,}\.eyJ?[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,3}"  # RE2: linear, and nothing to re-try
_URL_LOGIN = r"[a-z][a-z0-9+.-]{1,20}://[^\s:/@?#'\"<>]{0,80}:([^\s/@'\"<>]{3,160})@[A-Za-z0-9.-]{1,120}"
_ENOUGH = 4  # characters behind a prefix
_TYPED = re.compile("abcdefgh|ghijklmn|klmnopqr|nopqrstu|qrstuvwx|stuvwxyz")  # a hand that makes up a key
_ANTHROPIC = re.compile(r"sk-ant-(?:api|admin)\d\d-[A-Za-z0-9_-]{93}AA\Z")  # and nothing else, where it looks made up
_PLACEHOLDER_LOGIN = re.compile(r"[$<{\[*x]|\A(?:password|passwd|pass|pw|secret|token|\.{3})\Z", re.IGNORECASE)


def _key(text: str) -> bool:
    """Drawn by a machine: has a digit, or mixes upper and lower case; and is no stand-in."""
    if is_placeholder(text):
        return False
    if text.startswith("GR1348941") and text[9:].isdigit():
        return False
    if text.startswith("sk-ant-") and _TYPED.search(text) is not None and _ANTHROPIC.match(text) is None:
        return False
    return any(char.isdigit() for char in text) or (not text.islower() and "_" not in text[8:])


def _key_with_digit(text: str) -> bool:
    return any(char.isdigit() for char in text) and not is_placeholder(text)


def _many(text: str) -> bool:
    """More than a run of one letter: the tail has characters of many kinds."""
    return len(set(text)) >= 20


def _login(text: str) -> bool:
    return _PLACEHOLDER_LOGIN.match(text) is None


def _trigger(pattern: str) -> str:
    """A vendor key wakes by its prefix and a few characters: the long tails would only swell the common automaton."""
    return rf"(?:^|[^A-Za-z0-9])(?:{'|'.join(_beginning(each) for each in _alternatives(pattern))})"


def _alternatives(pattern: str) -> Iterator[str]:
    depth = start = 0
    for index, char in enumerate(pattern):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            yield pattern[start:index]
            start = index + 1
    yield pattern[start:]


def _beginning(pattern: str) -> str:
    """As far as the first long repeat that stands in no group, of which four are enough."""
    depth = 0
    for index, char in enumerate(pattern):
        depth += (char == "(") - (char == ")")
        if (
            char == "{"
            and depth == 0
            and "[" not in pattern[:1]
            and int(re.split("[,}]", pattern[index + 1 :])[0]) >= _ENOUGH
        ):
            return f"{pattern[:index]}{{{_ENOUGH}}}"
    return pattern


SECRETS = RuleDetector(
    "secrets",
    (
        *(Rule("SECRET", key, 0.95, _key, contrary=1.0, trigger=_trigger(key)) for key in _VENDOR_KEYS),
        *(Rule("SECRET", key, 0.95, _key_with_digit, contrary=1.0, trigger=trigger) for trigger, key in _SHAPED_KEYS),
        # Long zeros are part of these two, so what is a placeholder elsewhere is none here: NTLM's third message
        # with the hashed password (MS-NLMP 2.2.1.3), and the bearer token of an application on X.
        Rule("SECRET", r"TlRMTVNTUAAD[A-Za-z0-9+/]{40,800}={0,2}", 0.9, contrary=1.0, trigger=r"TlRMTVNTUAAD"),
        Rule("SECRET", r"A{20}[A-Za-z0-9%]{40,120}", 0.9, _many, contrary=1.0, trigger=r"AAAAAAAAAAAAAAAAAAAA[A-Za-z]"),
        Rule("SECRET", _JWT, 0.95, contrary=1.0, bounded=False, trigger=r"eyJ[A-Za-z0-9_-]{8}"),
        Rule(
            "SECRET",
            _URL_LOGIN,
            0.9,
            _login,
            contrary=1.0,
            bounded=False,
            trigger=r"://[^\s/@'\"<>]*:[^\s/@'\"<>]+@",
            anchor=Anchor("://", 21, 3 + 80 + 1 + 160 + 1 + 120),
        ),
    ),
    Prefix,
)
