"""What tools answer in text: shells, logs, diffs, stack traces, lock files, source."""

from __future__ import annotations

from collections.abc import Callable

from bench.agents.draws import Draw

_PACKAGES = "https://packages.example.org"


def git_log(draw: Draw) -> str:
    verbs = ("Fix", "Add", "Remove", "Refactor", "Document", "Speed up")
    return "\n".join(
        f"{draw.hex(draw.chance.choice((7, 10, 40)))} {draw.of(verbs)} {draw.word()} in {draw.word()} (#{draw.number(1, 900)})"
        for _ in range(draw.number(3, 9))
    )


def diff(draw: Draw) -> str:
    path = draw.path()
    return (
        f"diff --git a/{path} b/{path}\nindex {draw.hex(7)}..{draw.hex(7)} 100644\n--- a/{path}\n+++ b/{path}\n"
        f"@@ -{draw.number(1, 90)},7 +{draw.number(1, 90)},9 @@ def {draw.word()}(self):\n"
        f'-    token = request.headers.get("Authorization")\n+    token = self._tokens.get(request.user)\n'
        f"+    if not verify_password(password, user.password_hash):\n+        raise InvalidCredentials()\n"
        f"     return {draw.word()}({draw.word()}, limit={draw.number(1, 500)})\n"
    )


def service_log(draw: Draw) -> str:
    return "\n".join(
        f"{draw.time()} {draw.of(('INFO', 'WARN', 'DEBUG', 'ERROR'))} [{draw.word()}-{draw.number(1, 9)}] "
        f"trace_id={draw.hex(32)} request_id={draw.of([draw.uuid(), draw.b62(22), 'req_' + draw.b62(24)])} "
        f"{draw.of(('handled', 'retrying', 'dropped'))} {draw.word()} in {draw.number(1, 900)}ms"
        for _ in range(draw.number(3, 10))
    )


def python_trace(draw: Draw) -> str:
    return (
        "Traceback (most recent call last):\n"
        f'  File "/app/{draw.path()}", line {draw.number(1, 900)}, in {draw.word()}\n'
        f"    return await self.{draw.word()}(payload, api_key=self.api_key)\n"
        f'  File "/usr/local/lib/python3.11/site-packages/{draw.package()}/client.py", line {draw.number(1, 900)}, in send\n'
        f'    raise {draw.of(("TimeoutError", "ValueError", "KeyError"))}(f"no {{name}} for {draw.word()}")\n'
        f"KeyError: '{draw.word()}'"
    )


def java_trace(draw: Draw) -> str:
    word = draw.word().title()
    return (
        f"java.lang.IllegalStateException: {word} is closed\n"
        f"\tat com.example.{draw.word()}.{word}Service.handle({word}Service.java:{draw.number(10, 900)})\n"
        "\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:897)\n"
        f"\tat com.example.{draw.word()}.Abstract{word}Factory$$Lambda${draw.number(1, 900)}/0x{draw.hex(16)}.apply(Unknown Source)\n"
        f"Caused by: java.util.NoSuchElementException: {draw.word()}"
    )


def listing(draw: Draw) -> str:
    return "\n".join(
        f"-rw-r--r--  1 root root {draw.number(10, 99999):>6} Nov {draw.number(1, 28):>2} 10:{draw.number(10, 59)} "
        f"{draw.word()}_{draw.word()}.{draw.of(('py', 'md', 'json', 'lock', 'tar.gz'))}"
        for _ in range(draw.number(3, 9))
    )


def containers(draw: Draw) -> str:
    lines = ["CONTAINER ID   IMAGE                 COMMAND       STATUS        PORTS"]
    lines += [
        f'{draw.hex(12)}   {draw.word()}:{draw.version()}   "/entry.sh"   Up {draw.number(2, 50)} hours   0.0.0.0:8080->80/tcp'
        for _ in range(draw.number(1, 4))
    ]
    return "\n".join((*lines, f"{draw.word()}: Pulling from library/{draw.word()}", f"Digest: sha256:{draw.hex(64)}"))


def package_lock(draw: Draw) -> str:
    return ",\n".join(
        f'    "node_modules/{(name := draw.package())}": {{\n      "version": "{(version := draw.version())}",\n'
        f'      "resolved": "{_PACKAGES}/{name}/-/{name}-{version}.tgz",\n'
        f'      "integrity": "sha512-{draw.b64(64)}"\n    }}'
        for _ in range(draw.number(2, 6))
    )


def yarn_lock(draw: Draw) -> str:
    return "\n\n".join(
        f'{(name := draw.package())}@^{(version := draw.version())}:\n  version "{version}"\n'
        f'  resolved "{_PACKAGES}/{name}/-/{name}-{version}.tgz#{draw.hex(40)}"\n'
        f"  integrity sha512-{draw.b64(64)}"
        for _ in range(draw.number(2, 6))
    )


def go_sum(draw: Draw) -> str:
    return "\n".join(
        f"github.com/example/{draw.word()} v{draw.version()} h1:{draw.b64(32)}\n"
        f"github.com/example/{draw.word()} v{draw.version()}/go.mod h1:{draw.b64(32)}"
        for _ in range(draw.number(2, 6))
    )


def poetry_lock(draw: Draw) -> str:
    return "\n".join(
        f'[[package]]\nname = "{(name := draw.package())}"\nversion = "{(version := draw.version())}"\n'
        f'files = [\n    {{file = "{name}-{version}-py3-none-any.whl", hash = "sha256:{draw.hex(64)}"}},\n]'
        for _ in range(draw.number(2, 5))
    )


def minified(draw: Draw) -> str:
    names = [draw.b62(2).lower() for _ in range(6)]
    body = "".join(
        f"function {a}({b}){{return {b}.t0k3n?{a}[{draw.number(0, 99)}]:{b}.map(e=>e.{c}+0x{draw.hex(4)})}}"
        for a, b, c in zip(names, names[1:], names[2:], strict=False)
    )
    return f'!function(e,t){{"use strict";{body}}}(window);\n//# sourceMappingURL={draw.word()}.{draw.hex(20)}.js.map'


def vector_image(draw: Draw) -> str:
    steps = "".join(
        f"{draw.of(('M', 'c', 'l', 'h', 'v', 's'))}{draw.number(1, 900) / 10}-{draw.number(1, 99)}" for _ in range(40)
    )
    return f'<svg viewBox="0 0 24 24" fill="none"><path d="{steps}z" fill="#{draw.hex(6)}"/></svg>'


def settings_module(draw: Draw) -> str:
    word = draw.word()
    return (
        f'import os\n\nAPI_KEY = os.environ["{word.upper()}_API_KEY"]\nSECRET_KEY = config("SECRET_KEY", default="change-me")\n'
        f'DATABASE_URL = os.getenv("DATABASE_URL", "postgres://user:password@localhost:5432/{word}")\n'
        f'PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]\nTOKEN_TTL = {draw.number(60, 9000)}\n\n\n'
        f'def {word}(user: User, password: str) -> str:\n    """A token for `user`."""\n'
        f"    if not check_password(password, user.password):\n        raise PermissionError(user.id)\n"
        f'    return jwt.encode({{"sub": user.id}}, SECRET_KEY, algorithm="HS256")\n'
    )


def environment_template(draw: Draw) -> str:
    return (
        f"# copy to .env\nOPENAI_API_KEY=\nSTRIPE_SECRET_KEY=<your stripe key>\nDB_PASSWORD=changeme\n"
        f"SESSION_SECRET=${{SESSION_SECRET}}\nJWT_SECRET=your-secret-here\nLOG_LEVEL=info\nPORT={draw.number(3000, 9000)}\n"
        f"GITHUB_TOKEN=${{{{ secrets.GITHUB_TOKEN }}}}\n"
    )


def schema(draw: Draw) -> str:
    return (
        f"CREATE TABLE {draw.word()}s (\n  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),\n  password_hash text NOT NULL,\n"
        f"  api_token_id bigint REFERENCES tokens(id),\n  created_at timestamptz NOT NULL DEFAULT now()\n);\n"
        f"CREATE INDEX idx_{draw.word()}_{draw.hex(8)} ON {draw.word()}s (api_token_id);\n({draw.number(1, 900)} rows)"
    )


def test_run(draw: Draw) -> str:
    return (
        f"============ test session starts ============\nplatform linux -- Python 3.11.7, pytest-8.{draw.number(0, 4)}.0\n"
        f"collected {draw.number(3, 400)} items\n\ntests/test_{draw.word()}.py ..F.\n"
        f"FAILED tests/test_{draw.word()}.py::test_{draw.word()}_needs_password - AssertionError: assert {draw.number(1, 9)} == 0\n"
        f"E  assert <{draw.word().title()} object at 0x7f{draw.hex(10)}> is None\n1 failed, {draw.number(3, 99)} passed in 2.41s"
    )


def plan(draw: Draw) -> str:
    return (
        f'  # aws_instance.{draw.word()} will be created\n  + resource "aws_instance" "{draw.word()}" {{\n'
        f'      + ami           = "ami-0{draw.hex(16)}"\n      + password_data = (known after apply)\n'
        f'      + key_name      = "{draw.word()}-{draw.of(("dev", "prod"))}"\n'
        f"      + user_data_base64 = (sensitive value)\n    }}\n\nPlan: {draw.number(1, 9)} to add, 0 to change, 0 to destroy."
    )


def response_head(draw: Draw) -> str:
    return (
        f'HTTP/2 200\ncontent-type: application/json\netag: W/"{draw.b64url(21)}"\nx-request-id: {draw.b62(28)}\n'
        f"cf-ray: {draw.hex(16)}-FRA\nx-amz-cf-id: {draw.b64url(40)}==\ncontent-security-policy: script-src 'nonce-{draw.b64(18)}'\n"
        f"traceparent: 00-{draw.hex(32)}-{draw.hex(16)}-01\nx-ratelimit-remaining-tokens: {draw.number(0, 90000)}"
    )


RESULTS: tuple[Callable[[Draw], str], ...] = (
    git_log,
    diff,
    service_log,
    python_trace,
    java_trace,
    listing,
    containers,
    package_lock,
    yarn_lock,
    go_sum,
    poetry_lock,
    minified,
    vector_image,
    settings_module,
    environment_template,
    schema,
    test_run,
    plan,
    response_head,
)
