"""Tool results kept apart: written when detection was done, to see how it does on forms that it was not fitted to.

What they show must not be mended with them in sight, or they are worth no more than the others.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from bench.agents.draws import Draw


def payments(draw: Draw) -> str:
    return json.dumps(
        {
            "id": f"pi_3{draw.b62(23)}",
            "object": "payment_intent",
            "amount": draw.number(100, 99999),
            "currency": "eur",
            "latest_charge": f"ch_3{draw.b62(23)}",
            "payment_method": f"pm_1{draw.b62(23)}",
            "payment_method_types": ["card"],
            "idempotency": {"request": f"req_{draw.b62(14)}"},
            "livemode": False,
        },
        indent=2,
    )


def video_search(draw: Draw) -> str:
    items = [
        {
            "kind": "youtube#searchResult",
            "etag": draw.b64url(20),
            "id": {"videoId": draw.b64url(8)},
            "snippet": {
                "channelId": f"UC{draw.b64url(16)}",
                "title": f"How to fix a {draw.word()} in five minutes",
                "publishTime": draw.time(),
            },
        }
        for _ in range(draw.number(1, 3))
    ]
    return json.dumps({"nextPageToken": draw.of(["CAUQAA", "CAoQAA"]), "regionCode": "DE", "items": items})


def spreadsheet(draw: Draw) -> str:
    header = "Region\tQuarter\tUnits\tRevenue\tSKU"
    rows = [
        f"{draw.of(('North', 'South', 'EMEA', 'APAC'))}\tQ{draw.number(1, 4)} 2026\t{draw.number(1, 9999)}\t{draw.number(1000, 10**7):,}\tSKU-{draw.number(10**5, 10**7)}"
        for _ in range(draw.number(3, 9))
    ]
    return "\n".join((header, *rows))


def ruby_trace(draw: Draw) -> str:
    return (
        f"ActiveRecord::RecordNotFound (Couldn't find {draw.word().title()} with 'id'={draw.number(1, 10**6)}):\n\n"
        f"app/controllers/{draw.word()}_controller.rb:{draw.number(1, 200)}:in `show'\n[{draw.uuid()}] Completed 404 Not Found in {draw.number(1, 90)}ms\n"
        f'Parameters: {{"authenticity_token"=>"{draw.b64(64)}", "user"=>{{"password"=>"[FILTERED]"}}}}'
    )


def node_trace(draw: Draw) -> str:
    return (
        f"TypeError: Cannot read properties of undefined (reading '{draw.word()}')\n    at Object.{draw.word()} (/app/dist/main.{draw.hex(8)}.js:1:{draw.number(100, 99999)})\n"
        f"    at async Promise.all (index {draw.number(0, 9)})\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {{\n  code: 'ERR_{draw.word().upper()}'\n}}"
    )


def system_journal(draw: Draw) -> str:
    return "\n".join(
        f"Nov {draw.number(1, 28):02} 10:{draw.number(10, 59)}:{draw.number(10, 59)} web-{draw.number(1, 9)} systemd[1]: "
        f"{draw.of(('Started', 'Stopped', 'Reloading'))} {draw.word()}.service - {draw.word().title()} Service."
        for _ in range(draw.number(3, 8))
    )


def access_log(draw: Draw) -> str:
    return "\n".join(
        f"10.{draw.number(0, 9)}.{draw.number(0, 255)}.{draw.number(1, 254)} - - [{draw.number(1, 28):02}/Nov/2026:10:{draw.number(10, 59)}:{draw.number(10, 59)} +0000] "
        f'"GET /api/{draw.word()}?page={draw.number(1, 99)}&v={draw.hex(8)} HTTP/1.1" 200 {draw.number(100, 99999)} "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"'
        for _ in range(draw.number(2, 6))
    )


def state_file(draw: Draw) -> str:
    return json.dumps(
        {
            "version": 4,
            "terraform_version": "1.9.2",
            "serial": draw.number(1, 400),
            "lineage": draw.uuid(),
            "resources": [
                {
                    "type": "aws_s3_bucket",
                    "name": draw.word(),
                    "instances": [
                        {
                            "attributes": {
                                "bucket": f"{draw.word()}-{draw.hex(6)}",
                                "hosted_zone_id": f"Z{draw.b62(12).upper()}",
                                "etag": draw.hex(32),
                            },
                            "private": base64.b64encode(b'{"schema_version":"1"}').decode(),
                        }
                    ],
                }
            ],
        }
    )


def test_report(draw: Draw) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" tests="{draw.number(1, 400)}" time="{draw.number(1, 90)}.{draw.number(100, 999)}" '
        f'hostname="runner-{draw.hex(8)}"><testcase classname="tests.test_{draw.word()}" name="test_password_is_hashed[{draw.hex(6)}-True]" time="0.0{draw.number(10, 99)}"/></testsuite></testsuites>'
    )


def disk_usage(draw: Draw) -> str:
    lines = ["Filesystem      Size  Used Avail Use% Mounted on"]
    lines += [
        f"/dev/mapper/vg{draw.number(0, 3)}-{draw.word()}  {draw.number(1, 99)}G  {draw.number(1, 99)}G  {draw.number(1, 99)}G  {draw.number(1, 99)}% /var/{draw.word()}"
        for _ in range(4)
    ]
    return "\n".join(lines)


def chart(draw: Draw) -> str:
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {draw.word()}\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {{}}\n"
        f"spec:\n  template:\n    spec:\n      containers:\n        - name: app\n          env:\n            - name: DB_PASSWORD\n              valueFrom:\n                secretKeyRef:\n"
        f"                  name: {draw.word()}-db\n                  key: password\n"
    )


def component(draw: Draw) -> str:
    return (
        f"export function Login{draw.word().title()}({{ onSubmit }}: Props) {{\n  const [password, setPassword] = useState('');\n  const token = useToken();\n"
        f'  return <form onSubmit={{() => onSubmit({{ password, token }})}}>\n    <input type="password" placeholder="Your password" value={{password}} onChange={{e => setPassword(e.target.value)}} />\n'
        f'    <Button variant="primary" data-testid="login-{draw.hex(4)}">Sign in</Button>\n  </form>;\n}}\n'
    )


def changes(draw: Draw) -> str:
    return (
        f"# Changelog\n\n## [{draw.version()}] - 2026-11-{draw.number(10, 28)}\n### Added\n- Rotate the signing key of sessions without a restart ({draw.hex(7)})\n"
        f"### Fixed\n- `{draw.word()}`: tokens longer than {draw.number(100, 4000)} characters are accepted (#{draw.number(1, 900)})\n- Password reset mails are sent once\n"
    )


def flights(draw: Draw) -> str:
    return json.dumps(
        {
            "offers": [
                {
                    "id": f"off_0000{draw.b62(18)}",
                    "carrier": draw.of(("LH", "AF", "IB")),
                    "flight": draw.number(100, 2999),
                    "from": "CDG",
                    "to": "MAD",
                    "price": f"{draw.number(50, 900)}.00 EUR",
                    "fareBasis": draw.b62(8).upper(),
                }
                for _ in range(draw.number(1, 4))
            ]
        }
    )


RESULTS: tuple[Callable[[Draw], str], ...] = (
    payments,
    video_search,
    spreadsheet,
    ruby_trace,
    node_trace,
    system_journal,
    access_log,
    state_file,
    test_report,
    disk_usage,
    chart,
    component,
    changes,
    flights,
)
