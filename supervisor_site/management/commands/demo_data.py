"""`manage.py demo_data`: the demo's three accounts, and the simulator's agents as the directory."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.models import Agent, User

# (e-mail, name, role). The agent is one of the simulator's, so that the directory knows the account.
ACCOUNTS = [
    ("supervisor@earshot.example", "Dana Whitfield", "supervisor"),
    ("agent@earshot.example", "Priya Nair", "agent"),
    ("admin@earshot.example", "Marta Okafor", "admin"),
]


class Command(BaseCommand):
    help = (
        "Makes the demo's accounts and its directory of agents. Never for real use: the password is printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--simulator", required=True, metavar="URL", help="as http://127.0.0.1:9001")
        parser.add_argument("--password", required=True, help="of all three accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        urls = {"TELNYX_BASE_URL": settings.TELNYX_BASE_URL, "--simulator": options["simulator"]}
        for name, url in urls.items():
            if not is_loopback(url):
                raise CommandError(f"Demo data is for a simulator on this machine only; {name} is {url}")
        password = make_password(options["password"])
        people = {role: make_account(email, name, role, password) for email, name, role in ACCOUNTS}
        make_directory(options["simulator"], people["agent"])


def is_loopback(url: str) -> bool:
    """Whether the address can only be on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def make_account(email: str, name: str, role: str, password: str) -> User:
    user, _ = User.objects.update_or_create(email=email, defaults={"name": name, "password": password})
    user.groups.set([Group.objects.get(name=role)])
    return user


def make_directory(simulator: str, account: User) -> None:
    """The agents whom the simulator's calls reach, by number and SIP address."""
    try:
        agents = httpx.get(f"{simulator}/_simulator/agents", timeout=5).raise_for_status().json()["agents"]
    except httpx.HTTPError as problem:
        raise CommandError(f"The simulator does not tell its agents: {problem}") from None
    for agent in agents:
        fields = {key: agent[key] for key in ("title", "sip_address", "team", "name")}
        user = account if agent["name"] == account.name else None
        Agent.objects.update_or_create(number=agent["number"], defaults=fields | {"user": user})
