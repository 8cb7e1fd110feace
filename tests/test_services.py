"""The test run's own Redis and PostgreSQL: real, alone, and gone afterwards."""

from pathlib import Path

import psycopg
import pytest
import redis

from tests.support.processes import Process
from tests.support.services import PostgreSQL, Redis


def test_redis_starts_again_on_its_port_without_what_it_held() -> None:
    with Redis() as server:
        redis.Redis.from_url(server.url).set("kept", "no")
        server.process.kill()
        server.start_again()
        assert redis.Redis.from_url(server.url).get("kept") is None
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(server.url).ping()
    assert not server.folder.exists()


@pytest.mark.parametrize(("durable", "waits"), [(True, "on"), (False, "off")])
def test_postgresql_makes_databases(durable: bool, waits: str) -> None:
    with PostgreSQL(durable) as server:
        url = server.create_database("made_by_a_test")
        with psycopg.connect(url) as connection:
            assert connection.execute("show fsync").fetchone() == (waits,)


def test_a_process_that_cannot_start_is_told_with_its_output(redis_server: Redis, tmp_path: Path) -> None:
    second = Process(["redis-server", "--port", str(redis_server.port)], tmp_path / "log")
    with pytest.raises(AssertionError, match="Address already in use"):
        second.wait_until(lambda: False)
