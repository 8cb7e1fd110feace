"""`manage.py demo_data`: accounts, phones and wallboards; the simulator's agents as the directory."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from dashboard.models import Agent, Team, TeamQueue, User
from dashboard.roles import ALL_TEAMS
from queues.models import Queue
from supervision.models import Phone
from wallboards import devices
from wallboards.models import Row, Wallboard

# The agent is one of the simulator's, so that the directory knows the account, and sees their own team; the
# supervisor sees all teams, the one of Sales that team alone.
ACCOUNTS = [
    ("supervisor@earshot.example", "Dana Whitfield", ["supervisor", ALL_TEAMS]),
    ("sales@earshot.example", "Luis Ortega", ["supervisor"]),
    ("agent@earshot.example", "Priya Nair", ["agent"]),
    ("admin@earshot.example", "Marta Okafor", ["admin"]),
]
# The first press of Listen shall simply work: the simulator answers any number.
PHONES = {"supervisor@earshot.example": "+13125550190", "sales@earshot.example": "+13125550191"}


class Command(BaseCommand):
    help = "Makes the demo's accounts, directory and wallboards. Never for real use: the password is printed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--simulator", required=True, metavar="URL", help="as http://127.0.0.1:9001")
        parser.add_argument("--password", required=True, help="of all accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        urls = {"TELNYX_BASE_URL": settings.TELNYX_BASE_URL, "--simulator": options["simulator"]}
        for name, url in urls.items():
            if not is_loopback(url):
                raise CommandError(f"Demo data is for a simulator on this machine only; {name} is {url}")
        password = make_password(options["password"])
        for email, name, roles in ACCOUNTS:
            make_account(email, name, roles, password)
        make_phones()
        make_directory(options["simulator"])
        User.objects.get(email="sales@earshot.example").teams.set(Team.objects.filter(name="Sales"))
        make_wallboards()
        self.stdout.write(make_screen())


def is_loopback(url: str) -> bool:
    """Whether the address can only be on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def make_account(email: str, name: str, roles: list[str], password: str) -> None:
    user, _ = User.objects.update_or_create(email=email, defaults={"name": name, "password": password})
    user.groups.set(Group.objects.filter(name__in=roles))


def make_phones() -> None:
    for email, number in PHONES.items():
        user = User.objects.get(email=email)
        if not user.phones.exists():
            Phone.objects.create(user=user, address=number, active=True)


def make_directory(simulator: str) -> None:
    """The agents whom the simulator's calls reach, by number and SIP address, and their teams' queues."""
    try:
        agents = httpx.get(f"{simulator}/_simulator/agents", timeout=5).raise_for_status().json()["agents"]
    except httpx.HTTPError as problem:
        raise CommandError(f"The simulator does not tell its agents: {problem}") from None
    for agent in agents:
        fields = {key: agent[key] for key in ("title", "sip_address", "name")}
        user = User.objects.filter(name=agent["name"], groups__name="agent").first()
        team, _ = Team.objects.get_or_create(name=agent["team"])
        for queue in agent["queues"]:
            TeamQueue.objects.get_or_create(team=team, queue_name=queue)
        Agent.objects.update_or_create(number=agent["number"], defaults=fields | {"user": user, "team": team})


def make_wallboards() -> None:
    """One of four queues in rows, and one of a single queue, large. The queues are there before their first
    callers, as after a quiet night."""
    names = TeamQueue.objects.order_by("queue_name").values_list("queue_name", flat=True).distinct()
    absent = {"absent_since": timezone.now()}
    queues = [Queue.objects.get_or_create(name=name, defaults=absent)[0] for name in names]
    metrics = ["waiting", "longest", "service", "abandoned"]
    rows, _ = Wallboard.objects.update_or_create(name="Front desk", defaults={"metrics": metrics})
    large, _ = Wallboard.objects.update_or_create(
        name="Support room",
        defaults={
            "layout": Wallboard.Layout.LARGE,
            "shows_callers": True,
            "metrics": ["waiting", "longest", "service", "average", "abandoned", "answered"],
        },
    )
    for board, shown in ((rows, queues[:4]), (large, queues[-1:])):
        board.rows.all().delete()
        Row.objects.bulk_create(
            Row(wallboard=board, queue=queue, place=place) for place, queue in enumerate(shown, start=1)
        )


def make_screen() -> str:
    """The path of a link for a screen without anybody signed in; it holds for ten minutes."""
    maker = User.objects.get(email="supervisor@earshot.example")
    _, code = devices.make(maker, Wallboard.objects.get(name="Support room").pk, "Screen of the demo")
    return reverse("screen-link", args=[devices.shown(code)])
