"""Password hashes as systems keep them, and passwords that devices only scramble: who has them can try all words."""

from __future__ import annotations

from router.sensitivity.detector import Prefix
from router.sensitivity.rule import Rule, RuleDetector

_B64 = r"[A-Za-z0-9./+=]"


def _varied(text: str) -> bool:
    """No stand-in: `$2b$12$xxxxxxxx…`."""
    return len(set(text[-20:])) >= 8


_HASHES = (
    # crypt(5): MD5, Apache's MD5, SHA-256, SHA-512, scrypt, yescrypt, gost-yescrypt, phpass
    (r"\$(?:1|5|6|7|y|gy|apr1|P|H)\$[A-Za-z0-9./$=,]{4}", r"\$(?:1|5|6|7|y|gy|apr1|P|H)\$[A-Za-z0-9./$=,]{20,160}"),
    (r"\$2[abxy]?\$\d\d\$", rf"\$2[abxy]?\$\d\d\${_B64}{{40,60}}"),
    (r"\$argon2(?:id|i|d)\$", r"\$argon2(?:id|i|d)\$[A-Za-z0-9./+=,$]{30,250}"),
    (r"pbkdf2[_:-]sha\d", rf"\$?pbkdf2[_:-]sha\d{{1,3}}(?:[$:]{_B64}{{1,80}}){{2,4}}"),
    (r"scrypt[$:]\d", rf"scrypt[$:]\d{{1,6}}(?:[$:]{_B64}{{1,120}}){{2,5}}"),
    (r"\{S?SHA\d{0,3}\}[A-Za-z0-9]", rf"\{{S?SHA\d{{0,3}}\}}{_B64}{{24,120}}"),  # RFC 2307
    (r":[0-9a-fA-F]{32}:[0-9a-fA-F]{6}", r":\d{3,7}:[0-9a-fA-F]{32}:[0-9a-fA-F]{32}"),  # Windows: LM and NTLM
)
_SCRAMBLED = (
    (r"'\*[0-9A-F]{6}", r"'\*[0-9A-F]{40}'"),  # MySQL
    (r"\$ANSIBLE_VAULT;", r"\$ANSIBLE_VAULT;\d\.\d;AES\d{0,3}[^\n]{0,80}\n[0-9a-f \t\n]+"),
)
# Cisco: `enable secret 5 …`, `password 7 …`.
_CISCO = r"(?i)(?:secret|password|key) (?:[4589] [$0-9A-Za-z./]{20,120}|7 [0-9A-F]{6,80})"

PASSWORD_HASHES = RuleDetector(
    "password_hashes",
    (
        *(
            Rule("PASSWORD", pattern, 0.9, _varied, contrary=1.0, bounded=False, trigger=trigger)
            for trigger, pattern in (*_HASHES, *_SCRAMBLED)
        ),
        Rule(
            "PASSWORD", _CISCO, 0.8, _varied, contrary=1.0, trigger=r"(?i)(?:secret|password|key) [45789] [$0-9A-Za-z]"
        ),
    ),
    Prefix,
)
