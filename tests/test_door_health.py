"""`/livez` and `/readyz`, static files, and what is no address of ours."""

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import override_settings

from supervisor_site import asgi

pytestmark = pytest.mark.django_db(transaction=True)
FOR_EVER = "public, max-age=31536000, immutable"


@override_settings(ALLOWED_HOSTS=["elsewhere.example"], SECURE_SSL_REDIRECT=True)
async def test_alive_and_ready_whatever_the_host(http: httpx.AsyncClient) -> None:
    for path in ("/livez", "/readyz"):
        answer = await http.get(path)
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.engines
async def test_not_ready_while_a_migration_is_missing(http: httpx.AsyncClient) -> None:
    rename = "UPDATE django_migrations SET name = %s WHERE app = 'telephony' AND name = %s"
    ((_, newest),) = MigrationLoader(None).graph.leaf_nodes("telephony")
    await sync_to_async(_execute)(rename, "gone", newest)
    try:
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "migrations are missing\n")
        assert (await http.get("/livez")).status_code == 200
    finally:
        await sync_to_async(_execute)(rename, newest, "gone")
    assert (await http.get("/readyz")).status_code == 200


def _execute(statement: str, *parameters: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


async def test_a_file_with_its_own_hash_is_kept_for_ever(http: httpx.AsyncClient) -> None:
    answer = await http.get(staticfiles_storage.url("admin/css/base.css"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789", "?w=1"])
async def test_a_file_with_another_hash_is_not(http: httpx.AsyncClient, query: str) -> None:
    answer = await http.get(f"/static/admin/css/base.css{query}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "max-age=0, public"


async def test_a_file_that_did_not_change_is_not_sent_again(http: httpx.AsyncClient) -> None:
    address = staticfiles_storage.url("admin/css/base.css")
    etag = (await http.get(address)).headers["etag"]
    answer = await http.get(address, headers={"if-none-match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["cache-control"] == FOR_EVER


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/nothing.css",
        "/static/../manage.py",
        "/static/..%2fmanage.py",
        "/static/%00",
        "/nothing",
    ],
)
async def test_no_other_file(http: httpx.AsyncClient, path: str) -> None:
    assert settings.DEBUG is False
    answer = await http.get(path)
    assert answer.status_code == 404
    assert "DJANGO_SETTINGS_MODULE" not in answer.text


@pytest.mark.parametrize("path", ["/ws/live/", "/ws/other", "/webhooks/telnyx", "/"])
async def test_no_other_socket(path: str) -> None:
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message["type"])

    scope = {"type": "websocket", "path": path, "scheme": "ws", "headers": [], "client": ["127.0.0.1", 1]}
    await asgi.application(scope, receive, send)
    assert sent == ["websocket.close"]


async def test_servers_that_tell_of_start_and_end_are_answered() -> None:
    told = iter(["lifespan.startup", "lifespan.shutdown"])
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": next(told)}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message["type"])

    await asgi.application({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
