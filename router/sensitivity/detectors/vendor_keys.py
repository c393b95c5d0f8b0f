"""Keys that begin or are built as their vendors document it: prefix and shape, RE2 over folded ASCII.

Sources: the vendors' own pages on their keys, and the formats that they register with GitHub's and GitLab's scanners.
"""

from __future__ import annotations

_W = r"[A-Za-z0-9_-]"
_A = r"[A-Za-z0-9]"
_HEX = r"[0-9a-f]"

_CLOUDS = (
    r"(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|ANPA|ANVA|AIPA)[A-Z0-9]{12,20}|ABSK[A-Za-z0-9+/=]{40,200}",
    rf"AIza{_W}{{30,40}}|amzn1?\.(?:mws\.|oa2-cs\.v1\.){_HEX}[0-9a-f-]{{30,66}}",
    rf"ya29\.{_W}{{20,400}}|GOCSPX-{_W}{{20,40}}|1//0{_W}{{30,120}}",
    r"(?:AccountKey|SharedAccessKey|SharedSecretValue)=[A-Za-z0-9+/]{40,90}={0,2}|[?&;]sig=[A-Za-z0-9%+/]{40,80}",
    rf"akab-{_A}{{14,20}}-{_A}{{14,20}}|tfp_{_A}{{40,60}}|CFPAT-{_W}{{40,50}}|LTAI{_A}{{12,24}}|AKID{_A}{{30,40}}",
    rf"STS\.{_A}{{20,40}}|SCW[A-Z0-9]{{17}}|bce-v3/ALTAK-{_A}{{20,40}}/{_HEX}{{40}}|AQVN{_W}{{30,40}}|"
    rf"y[0-3]_{_W}{{50,70}}",
    rf"(?:dop|doo|dor)_v1_{_HEX}{{60,68}}|dapi{_HEX}{{30,34}}(?:-\d)?|HRKU-{_W}{{30,80}}|rnd_{_A}{{28,40}}",
    rf"(?:vcp|vci|vca|vcr|vck)_{_A}{{24,60}}|nf[pcoub]_{_A}{{36,60}}|napi_[a-z0-9]{{60,66}}|"
    rf"v1\.0-{_HEX}{{24}}-{_HEX}{{146}}",
    rf"pscale_(?:pw|tkn|oauth)_{_W}{{30,64}}|sbp_{_HEX}{{40}}|sb_(?:secret|publishable)_{_W}{{20,60}}",
    rf"fo1_{_W}{{40}}|fm[12]_{_W}{{40,500}}|FlyV1 fm\d_[A-Za-z0-9+/=,_-]{{50,500}}|mdb_sa_(?:id|sk)_{_W}{{24,60}}",
    rf"tskey-(?:api|auth|client|scim|webhook)-{_A}{{8,24}}-{_A}{{8,40}}|dnkey-{_W}{{40,120}}|"
    rf"CCDB1_{_A}{{22}}_{_A}{{40}}",
)
_MODELS = (
    rf"sk-ant-(?:api|admin|oat|sid)\d\d-{_W}{{20,120}}",
    rf"sk-(?:proj-|svcacct-|admin-|or-v1-|lf-)?{_W}{{16,200}}",
    rf"(?:xai|gsk|pplx|r8|llx|nvapi|fw|csk|tgp_v1|tvly)[-_]{_W}{{20,120}}",
    rf"fc-{_HEX}{{32}}|hf_{_A}{{28,40}}|api_org_{_A}{{28,40}}|e2b_{_HEX}{{40}}|jina_{_A}{{40,70}}|pcsk_{_W}{{40,80}}",
    rf"lsv2_(?:pt|sk)_{_HEX}{{32}}_{_HEX}{{10}}|wandb_v1_{_W}{{40,100}}|rpa_[A-Z0-9]{{40,50}}|sk_{_HEX}{{48}}|"
    rf"LLM-{_A}{{30,60}}",
    rf"sk_car_{_A}{{20,30}}|pa-{_W}{{43}}|pk-lf-{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}",
)
_CODE = (
    rf"gh[pousr]_{_A}{{30,255}}|github_pat_{_A}{{20,30}}_?{_A}{{0,80}}",
    rf"(?:glpat|gldt|glrt|glrtr|glptt|glcbt|glft|glsoat|glagent|glimt|gloas|glffct|GR1348941|"
    rf"_gitlab_session=)[-=]?{_W}{{18,130}}(?:\.{_W}{{2,20}}){{0,2}}",
    rf"npm_{_A}{{30,40}}|pypi-{_W}{{50,250}}|rubygems_{_HEX}{{40,60}}|cio{_A}{{30,40}}|NuGet:{_A}{{40,50}}",
    rf"dckr_(?:pat|oat)_{_W}{{20,40}}|SWM(?:TKN|KEY)-1-{_W}{{20,100}}|CLOJARS_[a-z0-9]{{50,64}}",
    rf"(?:ATATT|ATCTT|ATBB|ATSTT|ATTA)[A-Za-z0-9_=+/-]{{20,250}}|sntry[su]_{_A}[A-Za-z0-9_=+/-]{{30,250}}",
    rf"packagist_(?:ort|out|acs|ack|uut)_{_HEX}{{26,100}}|bk(?:ua|aj|at|ct|pt|ps)_{_W}{{32,120}}|cmVmd{_A}{{40,80}}",
    rf"CCIP(?:AT|RJ)_{_A}{{20,24}}_{_HEX}{{40}}|AIK_(?:CI|CLIENT|SECRET|RUNTIME|API)_{_W}{{20,80}}|endr\+{_A}{{16,40}}",
    rf"sgp_(?:local_|[0-9A-Fa-f]{{16}}_)?[0-9A-Fa-f]{{40}}|snyk_(?:uat|sat)\.{_A}{{8}}\.{_W}{{20,80}}",
    r"(?:BBDC-|sq[upa]_|cf(?:at|ut|k)_|IGQ[VW]|s-s4t2(?:af|ud)-|oy2|glsec_|mlsn\.|re_)[A-Za-z0-9_-]{24,250}",
    rf"(?:PMAK|PMAT)-{_A}{{20,40}}-?{_A}{{0,60}}|rdme_[a-z0-9]{{60,80}}|pul-{_HEX}{{40}}|pn[ub]_{_A}{{36}}|"
    rf"dbt[cus]_{_W}{{30,60}}",
    rf"hv[sbr]\.{_W}{{20,300}}|atlasv1\.{_W}{{50,80}}|dp\.(?:pt|st|ct|sa|scim|"
    rf"audit)\.(?:[a-z0-9_-]{{2,40}}\.)?{_A}{{30,50}}",
    rf"ops_eyJ{_W}{{40,900}}|A3-{_A}{{6}}-{_A}{{5,12}}-{_A}{{5}}-{_A}{{5}}-{_A}{{5}}-?{_A}{{0,5}}|"
    rf"cflt[A-Za-z0-9+/]{{56,64}}",
    r"configcat-sdk-1/[A-Za-z0-9_-]{22}/[A-Za-z0-9_-]{22}",
)
_MONEY = (
    r"access_token\$(?:production|sandbox)\$[a-z0-9]{13,20}\$[0-9a-f]{24,40}|"
    r"00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{60,120}",
    rf"(?:sk|rk|pk)_(?:live|test|prod)_{_A}{{10,120}}|whsec_{_A}{{20,80}}|rzp_(?:live|test)_{_A}{{14,24}}",
    rf"shp(?:at|ca|pa|ss|tka|ua)_[A-Fa-f0-9]{{30,34}}|sq0[a-z]{{3}}-{_W}{{20,50}}|EAAA[A-Za-z0-9_=-]{{50,70}}",
    rf"FLW(?:SECK|PUBK)(?:_TEST)?-{_A}{{12,40}}(?:-X)?|xnd_(?:production|development|public)_{_A}{{20,80}}|"
    rf"c[ks]_{_HEX}{{40}}",
    rf"duffel_(?:test|live)_{_W}{{40,50}}|persona_(?:production|sandbox)_[A-Za-z0-9-]{{20,50}}|"
    rf"3MVG[A-Za-z0-9._]{{60,100}}",
    rf"access-(?:sandbox|development|production)-{_HEX}{{8}}-[0-9a-f-]{{27}}|zpka_[a-z0-9]{{20,40}}_{_HEX}{{8}}",
    rf"sm_(?:aat|pat|sat)_{_A}{{16,24}}|(?:PRD|SBX)-{_HEX}{{9,12}}-{_HEX}{{4,8}}(?:-[0-9a-f-]{{4,20}})?",
)
_SERVICES = (
    rf"xox[abeoprs]-[A-Za-z0-9-]{{10,250}}|xapp-\d{{1,2}}-{_A}{{5,20}}-\d{{5,20}}-{_A}{{20,100}}|"
    rf"xox[e]\.xox[bp]-\d-{_A}{{20,200}}",
    r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{30,80}",
    rf"SG\.{_W}{{16,24}}\.{_W}{{30,60}}|xkeysib-{_HEX}{{40,80}}-{_A}{{10,20}}|key-{_HEX}{{32}}|os_v2_(?:app|"
    rf"org)_[a-z2-7]{{60,120}}",
    r"EAA[A-Za-z0-9]{40,250}",
    rf"lin_(?:api|oauth)_{_A}{{30,64}}|ntn_{_A}{{40,50}}|secret_{_A}{{40,48}}|figd_{_W}{{30,60}}|"
    rf"pat{_A}{{14}}\.{_HEX}{{64}}",
    r"(?:glc|glsa)_[A-Za-z0-9_+/=-]{30,250}|eyJrIjoi[A-Za-z0-9+/=]{40,200}",
    rf"NRAK-[A-Z0-9]{{25,30}}|NR(?:JS|II|AA)-{_A}{{15,45}}",
    rf"NR(?:BR|IQ|AL)-{_A}{{15,45}}|NRII-{_W}{{20,40}}|[0-9a-f]{{6}}NRAL|tk-us-{_W}{{30,60}}|API-[A-Z0-9]{{25,31}}",
    rf"sl\.{_W}{{60,160}}|ph[csxrap]_{_A}{{30,70}}|(?:sdk|mob|"
    rf"api)-{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}",
    rf"pat-(?:na|eu|ap)\d-{_HEX}{{8}}-[0-9a-f-]{{27}}|hc[abl][ilm][ck]_[a-z0-9]{{26,60}}|tss_{_A}{{20,40}}|"
    rf"wx{_HEX}{{16}}",
    rf"discord(?:app)?\.com/api/webhooks/\d{{15,20}}/{_W}{{50,80}}|"
    rf"outlook\.office\.com/webhook/[A-Za-z0-9@/-]{{80,200}}|\.webhook\.office\.com/webhookb2/[A-Za-z0-9@/-]{{80,200}}",
    r"p8e-[a-z0-9]{32}|WPL_AP\d\.[A-Za-z0-9._=+/-]{20,80}|"
    r"s[cv]auth_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[-_][a-z0-9]{10,32}",
)
_ANYBODY = (
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,60}|xprv[1-9A-HJ-NP-Za-km-z]{100,112}|nsec1[02-9ac-hj-np-z]{58}",
    rf"(?:tok|key|sec|jk|sk|pat|apikey|token)_(?:live|prod|test)?_?{_A}{{24,64}}",
    rf"(?:api|access|secret|auth)[-_](?:key|token)[-_]{_A}{{20,64}}|patpat_{_A}{{20}}",
)
VENDOR_KEYS = (*_CLOUDS, *_MODELS, *_CODE, *_MONEY, *_SERVICES, *_ANYBODY)

# Keys that no prefix gives away; the first of each pair is what the common pass looks for.
SHAPED_KEYS = (
    (r"(?:^|[^A-Za-z0-9.])ico-[A-Za-z0-9]{8}", rf"(?:^|[^A-Za-z0-9.])(ico-{_A}{{32}})"),  # Infracost; no icon
    (r"(?:^|[\s=:\"'>])A(?:KC|P[0-9A-F])[A-Za-z0-9]{4}", r"(?:^|[\s=:\"'>])(A(?:KC|P[0-9A-F])[A-Za-z0-9]{10,100})"),
    (r"\bs\.[A-Za-z0-9]{2}", rf"s\.{_A}{{24}}"),
    (r"-us\d", rf"{_HEX}{{32}}-us\d{{1,2}}"),
    (r"\.atlasv1\.", rf"{_A}{{14}}\.atlasv1\.{_W}{{50,80}}"),
    (r"\d:AA[A-Za-z0-9_-]", rf"\d{{8,12}}:AA{_W}{{32,36}}"),
    (r"(?:^|[^A-Za-z0-9])S[UNOACX][A-Z2-7]{12}", r"S[UNOACX][A-Z2-7]{54,58}"),
    (r"(?:^|[^A-Za-z0-9])[5KL][1-9A-HJ-NP-Za-km-z]{12}", r"[5KL][1-9A-HJ-NP-Za-km-z]{50,51}"),
    (
        r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{3}",
        rf"[MNO]{_W}{{22,26}}\.{_W}{{6}}\.[A-Za-z0-9_!-]{{24,45}}|mfa\.{_W}{{80,90}}",
    ),
    (r"EZ[AT]K[A-Za-z0-9]{4}", rf"(?:^|[^A-Za-z0-9+/])(EZ[AT]K{_A}{{40,70}})"),
    (r"\dQ~[A-Za-z0-9_.~-]", rf"{_W}{{3}}\dQ~[A-Za-z0-9_.~-]{{31,34}}"),
    (r"(?:AC|SK)[0-9a-f]{6}", rf"(?:AC|SK){_HEX}{{32}}"),
    (r"(?:^|[^A-Za-z0-9])pk_\d{6}", r"pk_\d{6,9}_[A-Za-z0-9]{32}"),  # ClickUp
    (r"(?:^|[^A-Za-z0-9])4b1d[A-Za-z0-9]{8}", rf"4b1d{_A}{{38}}"),  # ClickHouse
    (r"(?:^|[^A-Za-z0-9])dt0[a-z]\d\d\.", rf"dt0[a-z]\d\d\.{_A}{{24}}\.{_A}{{64}}"),  # Dynatrace
    # Jira and Confluence: twelve digits, a colon and chance, in base64.
    (r"(?:^|[^A-Za-z0-9+])[MNO][DTjz][A-Za-z0-9]{14}O[g-v]", r"[MNO][A-Za-z0-9]{15}O[g-v][A-Za-z0-9+/]{26}"),
    (r"\d\|[A-Za-z0-9_-]", rf"\d{{15,16}}\|{_W}{{26,40}}"),  # Facebook's applications
    (r"/\d{13}:[0-9a-f]{4}", rf"[12]/\d{{13,16}}(?:/\d{{13,16}})?:{_HEX}{{32}}"),  # Asana
    # Azure's newer keys: a part in the middle says whose they are and when they end.
    (r"(?:JQQJ9|AAAC|AAAA)[A-Z0-9]{4}", r"[A-Za-z0-9]{40,64}(?:JQQJ9[A-Z0-9]{9})[A-Za-z0-9+/]{10,24}={0,2}"),
    (
        r"\+A(?:St|Sb|Eh|CD|CR|Fu|RM)[A-Za-z0-9+/]{4}",
        r"[A-Za-z0-9+/]{33,76}\+A(?:St|Sb|Eh|CD|CR|Fu|RM)[A-Za-z0-9+/]{6,10}={0,2}",
    ),
)
