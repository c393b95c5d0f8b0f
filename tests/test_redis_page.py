"""If this fails, docs/redis.md names settings that are refused, or a user who may not do what the gateway does."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.link import RedisLink
from gateway.stores.sums import RedisSums
from tests.gateway.config.harness import BASE, loaded
from tests.gateway.quota.harness import Asks, InRedis, granted, spend, take
from tests.harness.authority import Authority
from tests.harness.ports import free_port
from tests.servers.redis import program
from tests.servers.valkey import ValkeyServer

PAGE = (Path(__file__).parents[1] / "docs" / "redis.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
ACL = re.search(r"^ACL SETUSER (\w+) (.*)$", PAGE, re.MULTILINE)
ENVIRONMENT = {"REDIS_PASSWORD": "secret", "SENTINEL_PASSWORD": "secret"}


@pytest.mark.parametrize("example", [example for example in EXAMPLES if "/etc/" not in example])
def test_an_example_loads(example: str) -> None:
    found = loaded(BASE + example, ENVIRONMENT)
    assert found.warnings == ()
    assert found.settings.redis.is_there


def test_the_example_with_certificates_loads(tmp_path: Path) -> None:
    (example,) = (example for example in EXAMPLES if "/etc/" in example)
    Authority(tmp_path, "redis-ca").issue("gateway")
    file = tmp_path / "tidegate.yaml"
    file.write_text(BASE + example.replace("/etc/tidegate", str(tmp_path)))
    assert load(file, environ=ENVIRONMENT).warnings == ()


class Guarded(ValkeyServer):
    """Its settings are those of the user on the page; the test's own client may do everything."""

    @property
    def settings(self) -> dict[str, object]:
        return {"url": self.url, "username": "tidegate", "password": "PASSWORD"}

    def guard(self) -> None:
        assert ACL is not None
        with self.client() as client:
            client.execute_command("ACL SETUSER", ACL[1], *ACL[2].split())


async def test_the_user_on_the_page_may_do_what_the_gateway_does(tmp_path: Path) -> None:
    with Guarded(tmp_path, program()) as server:
        server.guard()
        await use_all_of_it(server)
    with Guarded(tmp_path) as server:
        server.guard()
        await use_all_of_it(server)


async def test_and_in_a_cluster(tmp_path: Path) -> None:
    with Guarded(tmp_path, None, ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))) as server:
        server.guard()
        link = RedisLink(settings_of(Redis, {**server.settings, "cluster": True, "timeout": 30}), time.monotonic)
        for command in ((b"CLUSTER", b"SLOTS"), (b"CLUSTER", b"INFO"), (b"ASKING",)):
            await link.ask(*command)
        await link.close()


async def use_all_of_it(server: Guarded) -> None:
    settings = settings_of(Redis, {**server.settings, "timeout": 30})
    faults: list[str] = []
    link = RedisLink(settings, time.monotonic, faults.append)
    for command in ((b"SET", "tidegate:{k}", b"v", b"EX", 5), (b"GET", "tidegate:{k}"), (b"DEL", "tidegate:{k}")):
        await link.ask(*command)
    await link.ask(b"XADD", "tidegate:{s}", b"*", b"m", b"v")
    line = link.line("tidegate:{s}")
    assert line is not None
    await line.ask(b"XREAD", b"STREAMS", "tidegate:{s}", b"0")
    assert await line.ask(b"ROLE") is not None
    await line.close()
    await link.close()
    sums = RedisSums(settings, time.monotonic, faults.append)
    assert await sums.add("dial", 0.5, 0.1, 1) is not None
    await sums.close()
    quota = InRedis(server)
    asks = Asks(quota.wall)
    await granted(quota.quota, asks.of(take(1, 10), spend(1, 100)))
    with server.client() as client:  # by this a server that came back is told from one that was there all the time
        assert client.hget("tidegate:{quota}:store", "run") == client.info("server")["run_id"].encode()
    await quota.close()
    assert faults == quota.faults == []
