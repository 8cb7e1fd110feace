"""Bearer tokens: made once, kept as a hash, and gone when revoked or over."""

import hashlib
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from dashboard import tokens
from dashboard.models import ApiToken

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def bearer(header: str | None) -> ApiToken | None:
    headers: dict[str, Any] = {} if header is None else {"Authorization": header}
    return tokens.bearer(RequestFactory().get("/api/floor", headers=headers))


def test_a_token_opens_until_it_expires() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = tokens.create("wallboard", days=30)
        found = bearer(f"Bearer {token}")
        assert found is not None and found.name == "wallboard"
        assert found.expires_at == NOON + timedelta(days=30)
        clock.move_to(NOON + timedelta(days=30))
        assert bearer(f"Bearer {token}") is None


def test_only_the_hash_is_kept() -> None:
    token = tokens.create("wallboard")
    assert token.startswith("earshot_") and len(token) == len("earshot_") + 43
    row = ApiToken.objects.values().get()
    assert row["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(row)
    assert bearer(f"Bearer {row['token_hash']}") is None


def test_two_tokens_differ() -> None:
    assert tokens.create("one") != tokens.create("two")


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer earshot_",
        "Basic {}",
        "{}",
        "Bearer {}x",
        "Bearer \xe9{}",
        "Token {}",
    ],
)
def test_nothing_else_opens(wrong: str | None) -> None:
    token = tokens.create("wallboard")
    assert bearer(wrong and wrong.format(token)) is None
    assert bearer(f"bearer   {token} ") is not None


def test_a_revoked_token_is_over_at_once() -> None:
    token, other = tokens.create("one"), tokens.create("two")
    row = ApiToken.objects.get(name="one")
    assert tokens.revoke([row.pk]) == 1
    assert tokens.revoke([row.pk]) == 0
    assert bearer(f"Bearer {token}") is None
    assert bearer(f"Bearer {other}") is not None


def test_its_use_is_noted_at_most_once_a_minute() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = tokens.create("wallboard")
        bearer(f"Bearer {token}")
        clock.shift(59)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            bearer(f"Bearer {token}")
        assert len(asked) == 1
        assert ApiToken.objects.get().last_used_at == NOON
        clock.shift(1)
        bearer(f"Bearer {token}")
        assert ApiToken.objects.get().last_used_at == NOON + timedelta(minutes=1)


def test_the_command_prints_it_once() -> None:
    out, err = StringIO(), StringIO()
    call_command("create_api_token", "wallboard", role="agent", days=7, stdout=out, stderr=err)
    token = out.getvalue().strip()
    found = bearer(f"Bearer {token}")
    assert found is not None and found.role == "agent"
    assert token not in err.getvalue()


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("wallboard", {}, "There is a token named 'wallboard' already"),
        ("  ", {}, "not a name"),
        ("x" * 101, {}, "not a name"),
        ("other", {"days": 0}, "1 to 3650 days"),
        ("other", {"days": 4000}, "1 to 3650 days"),
    ],
)
def test_the_command_refuses_in_words(name: str, options: dict[str, Any], words: str) -> None:
    tokens.create("wallboard")
    with pytest.raises(CommandError, match=words):
        call_command("create_api_token", name, stdout=StringIO(), stderr=StringIO(), **options)
    assert ApiToken.objects.count() == 1


def test_there_is_no_token_for_an_unknown_role() -> None:
    with pytest.raises(tokens.CannotMake, match="no role 'king'"):
        tokens.create("wallboard", role="king")
