"""Signing in as a browser does, and what the card then says."""

import re
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from dashboard.models import User

LOGIN = "/accounts/login/"


def words(html: bytes) -> str:
    """The text of a page's card, without marks."""
    body = html.decode().partition('<div class="card">')[2].partition("<footer")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace(" .", ".").strip()


def enter(client: Client, email: str, password: str, **headers: Any) -> tuple[int, str]:
    """E-mail and password on the sign-in page: its status and what it says."""
    answer = client.post(LOGIN, {"login": email, "password": password}, **headers)
    return answer.status_code, words(answer.content)


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def window_of(user: User) -> Client:
    """Somebody who has signed in already."""
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def admin_address(model: type[Model], what: str = "changelist", *key: Any) -> str:
    """`changelist`, `add`, `change` or `delete`, with the row's key."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=key)
