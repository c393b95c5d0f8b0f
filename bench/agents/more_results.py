"""More of what tools answer: cursors, search hits, metrics, certificates, workflows, plans, feeds."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from bench.agents.draws import Draw


def graph_nodes(draw: Draw) -> str:
    def node() -> dict[str, object]:
        identity = base64.b64encode(f"gid://shop/Product/{draw.number(10**6, 10**10)}".encode()).decode()
        return {"id": identity, "handle": f"{draw.word()}-{draw.word()}", "updatedAt": draw.time()}

    edges = [{"cursor": draw.b64url(30), "node": node()} for _ in range(draw.number(1, 4))]
    info = {"endCursor": draw.b64url(33), "hasNextPage": True}
    return json.dumps(
        {"data": {"products": {"edges": edges, "pageInfo": info}}, "extensions": {"cost": draw.number(1, 99)}}
    )


def search_hits(draw: Draw) -> str:
    hits = [
        {
            "_index": f"{draw.word()}-2026.11",
            "_id": draw.b64url(15),
            "_score": draw.chance.random() * 9,
            "_source": {"message": f"{draw.word()} done"},
        }
        for _ in range(draw.number(1, 5))
    ]
    return json.dumps({"took": draw.number(1, 90), "_scroll_id": draw.b64(80), "hits": {"hits": hits}})


def tickets(draw: Draw) -> str:
    return json.dumps(
        {
            "issues": [
                {
                    "key": f"{draw.of(('WEB', 'OPS', 'API'))}-{draw.number(1, 9999)}",
                    "fields": {
                        "summary": f"{draw.word().title()} page shows the wrong {draw.word()}",
                        "priority": {"name": draw.of(("High", "Medium", "Low"))},
                        "issuetype": {"name": "Bug", "iconUrl": f"https://example.com/icons/{draw.number(1, 99)}.svg"},
                        "assignee": None,
                    },
                    "rank": f"0|i{draw.b62(5)}:",
                }
                for _ in range(draw.number(1, 4))
            ]
        }
    )


def chat_channels(draw: Draw) -> str:
    return json.dumps(
        {
            "ok": True,
            "channels": [
                {"id": f"C0{draw.b62(9).upper()}", "name": draw.word(), "created": draw.number(10**9, 2 * 10**9)}
            ],
            "messages": [
                {
                    "ts": f"{draw.number(10**9, 2 * 10**9)}.{draw.number(10**5, 10**6 - 1)}",
                    "client_msg_id": draw.uuid(),
                    "text": f"{draw.word()} is deployed",
                }
            ],
            "response_metadata": {"next_cursor": draw.b64(18)},
        }
    )


def snowflakes(draw: Draw) -> str:
    return json.dumps(
        [
            {
                "id": str(draw.number(10**17, 10**19 - 1)),
                "type": 0,
                "position": draw.number(0, 9),
                "parent_id": str(draw.number(10**17, 10**19 - 1)),
            }
            for _ in range(4)
        ]
    )


def documents(draw: Draw) -> str:
    return "\n".join(
        f'{{ "_id" : ObjectId("{draw.hex(24)}"), "sku" : "{draw.word().upper()}-{draw.number(100, 9999)}", "qty" : NumberInt({draw.number(1, 99)}), '
        f'"updated" : ISODate("{draw.time()}"), "ms" : {draw.number(1_700_000_000_000, 1_790_000_000_000)} }}'
        for _ in range(draw.number(1, 5))
    )


def metrics(draw: Draw) -> str:
    return "\n".join(
        f'{draw.word()}_requests_total{{method="{draw.of(("GET", "POST"))}",code="200",pod="{draw.word()}-{draw.hex(9)}-{draw.hex(5)}",'
        f'instance="10.0.{draw.number(0, 255)}.{draw.number(1, 254)}:9100"}} {draw.number(1, 10**7)} {draw.number(1_700_000_000_000, 1_790_000_000_000)}'
        for _ in range(draw.number(3, 9))
    )


def processes(draw: Draw) -> str:
    lines = ["USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND"]
    lines += [
        f"root {draw.number(1, 99999):>8}  0.{draw.number(0, 9)}  1.{draw.number(0, 9)} {draw.number(10**4, 10**6)} {draw.number(10**3, 10**5)} ?  "
        f"Ssl  Nov{draw.number(1, 28):02}   0:{draw.number(10, 59)} /usr/bin/{draw.word()} --config /etc/{draw.word()}.yaml --token-file /run/secrets/token"
        for _ in range(draw.number(2, 7))
    ]
    return "\n".join(lines)


def handshake(draw: Draw) -> str:
    return (
        "*   Trying 127.0.0.1:8443...\n* Connected to localhost (127.0.0.1) port 8443\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n"
        "* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384\n"
        f"*  SHA256 fingerprint: {':'.join(draw.hex(2).upper() for _ in range(32))}\n> GET /{draw.word()} HTTP/1.1\n> User-Agent: curl/8.5.0\n"
        f'< HTTP/1.1 200 OK\n< X-Trace: {draw.b64url(24)}\n< Set-Cookie: theme=dark; Path=/\n< ETag: "{draw.hex(32)}"'
    )


def public_keys(draw: Draw) -> str:
    body = draw.b64(290)
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return (
        f"256 SHA256:{draw.b64(32).rstrip('=')} deploy@ci (ED25519)\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{draw.b64(32)[:43]} deploy\n"
        f"-----BEGIN CERTIFICATE-----\nMIID{lines[4:]}\n-----END CERTIFICATE-----"
    )


def build_errors(draw: Draw) -> str:
    return (
        f"src/{draw.word()}/{draw.word()}.ts({draw.number(1, 400)},{draw.number(1, 80)}): error TS2345: Argument of type 'string | undefined' "
        f"is not assignable to parameter of type 'string'.\nerror[E0382]: borrow of moved value: `{draw.word()}`\n  --> src/{draw.word()}.rs:"
        f"{draw.number(1, 400)}:{draw.number(1, 80)}\npanic: runtime error: invalid memory address or nil pointer dereference\n"
        f"[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x{draw.hex(7)}]\n\ngoroutine {draw.number(1, 99)} [running]:\n"
        f"main.(*Server).handle{draw.word().title()}(0xc000{draw.hex(6)}, 0x{draw.hex(8)})\n\t/go/src/app/{draw.word()}.go:{draw.number(1, 400)} +0x{draw.hex(3)}"
    )


def workflow(draw: Draw) -> str:
    return (
        f"name: {draw.word()}\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    env:\n      NPM_TOKEN: ${{{{ secrets.NPM_TOKEN }}}}\n"
        f"      AWS_REGION: eu-west-1\n    steps:\n      - uses: actions/checkout@{draw.hex(40)} # v4.{draw.number(0, 9)}.1\n"
        f"      - uses: docker/login-action@v3\n        with:\n          username: ${{{{ github.actor }}}}\n          password: ${{{{ secrets.GITHUB_TOKEN }}}}\n"
        f"      - run: make {draw.word()}\n"
    )


def playbook(draw: Draw) -> str:
    return (
        f'- name: Create the {draw.word()} user\n  community.postgresql.postgresql_user:\n    name: {draw.word()}\n    password: "{{{{ vault_db_password }}}}"\n'
        f"    login_password: \"{{{{ lookup('env', 'PGPASSWORD') }}}}\"\n  no_log: true\n- name: Copy key\n  copy:\n    src: files/id_ed25519.pub\n"
        f"    mode: '0600'\n  when: {draw.word()}_enabled | bool\n"
    )


def helm_values(draw: Draw) -> str:
    return (
        f"image:\n  repository: registry.example.com/{draw.word()}\n  digest: sha256:{draw.hex(64)}\nauth:\n  existingSecret: {draw.word()}-secret\n"
        f"  secretKeys:\n    adminPasswordKey: postgres-password\n    tokenKey: api-token\nresources:\n  limits:\n    memory: {draw.number(1, 8)}Gi\n"
        f"checksum/config: {draw.hex(64)}\n"
    )


def readme(draw: Draw) -> str:
    return (
        f"# {draw.word().title()}\n\n[![CI](https://github.com/example/{draw.word()}/actions/workflows/ci.yml/badge.svg?branch=main)](https://github.com/example)\n\n"
        f'## Quick start\n\n```sh\nexport OPENAI_API_KEY=sk-...\nexport TOKEN="<your token>"\n{draw.word()} login --username you --password-stdin\n'
        f'curl -H "Authorization: Bearer YOUR_API_KEY" https://api.example.com/v2/{draw.word()}\n```\n\nPass the API key with `--api-key` or in the '
        f"`{draw.word().upper()}_TOKEN` variable. The password is read from the prompt.\n"
    )


def notebook(draw: Draw) -> str:
    return json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "id": draw.hex(8),
                    "execution_count": draw.number(1, 40),
                    "source": [f"df.groupby('{draw.word()}').mean()\n", "plt.show()"],
                    "outputs": [
                        {
                            "output_type": "display_data",
                            "data": {
                                "image/png": "iVBORw0KGgo" + draw.b64(200),
                                "text/plain": ["<Figure size 640x480 with 1 Axes>"],
                            },
                        }
                    ],
                }
            ],
            "metadata": {"kernelspec": {"display_name": "Python 3 (ipykernel)", "name": "python3"}},
        }
    )


def query_plan(draw: Draw) -> str:
    return (
        f"                         QUERY PLAN\n------------------------------------------------------------\n Hash Join  (cost={draw.number(1, 99)}.38..{draw.number(100, 9999)}.41 rows={draw.number(1, 9999)} width={draw.number(8, 99)})\n"
        f"   Hash Cond: (t.{draw.word()}_id = {draw.word()}.id)\n   ->  Seq Scan on {draw.word()}s t\n Planning Time: 0.{draw.number(100, 999)} ms\n(4 rows)"
    )


def registry_feed(draw: Draw) -> str:
    return (
        f'<?xml version="1.0"?><project><modelVersion>4.0.0</modelVersion><dependency><groupId>com.example</groupId><artifactId>{draw.word()}</artifactId>'
        f'<version>{draw.version()}</version></dependency><guid isPermaLink="false">{draw.uuid()}</guid><sha1>{draw.hex(40)}</sha1></project>'
    )


def vulnerabilities(draw: Draw) -> str:
    return (
        f"{draw.package()}  <{draw.version()}\nSeverity: high\n{draw.word().title()} Regular Expression Denial of Service - https://github.com/advisories/"
        f"GHSA-{draw.hex(4)}-{draw.hex(4)}-{draw.hex(4)}\nfix available via `npm audit fix`\nnode_modules/{draw.package()}\n\n{draw.number(1, 9)} vulnerabilities"
    )


def style_sheet(draw: Draw) -> str:
    return (
        f".sc-{draw.b62(6)}-0{{color:#{draw.hex(6)};background:url(data:image/svg+xml;base64,{draw.b64(60)})}}\n"
        f"@font-face{{font-family:Inter;src:url(/_next/static/media/{draw.hex(16)}-s.p.woff2)}}\n.{draw.word()}__{draw.b62(5)}{{margin:{draw.number(0, 40)}px}}"
    )


def unit_test(draw: Draw) -> str:
    return (
        f'def test_{draw.word()}_rejects_wrong_password(client: Client) -> None:\n    response = client.post("/login", json={{"username": "alice", "password": "wrong"}})\n'
        f'    assert response.status_code == 401\n    assert response.json()["error"]["code"] == "invalid_credentials"\n\n\n'
        f'@pytest.fixture\ndef token() -> str:\n    return create_token(secret=settings.secret_key, subject="{draw.word()}")\n'
    )


def events(draw: Draw) -> str:
    lines = ["LAST SEEN   TYPE      REASON              OBJECT                          MESSAGE"]
    lines += [
        f"{draw.number(1, 59)}m         Normal    {draw.of(('Pulled', 'Created', 'Scheduled'))}   pod/{draw.word()}-{draw.hex(10)}-{draw.hex(5)}   Successfully assigned default/{draw.word()} to node-{draw.number(1, 9)}"
        for _ in range(draw.number(2, 6))
    ]
    return "\n".join(lines)


RESULTS: tuple[Callable[[Draw], str], ...] = (
    graph_nodes,
    search_hits,
    tickets,
    chat_channels,
    snowflakes,
    documents,
    metrics,
    processes,
    handshake,
    public_keys,
    build_errors,
    workflow,
    playbook,
    helm_values,
    readme,
    notebook,
    query_plan,
    registry_feed,
    vulnerabilities,
    style_sheet,
    unit_test,
    events,
)
