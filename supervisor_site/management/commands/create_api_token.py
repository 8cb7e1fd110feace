"""Makes a bearer token for a program and prints it, once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard import tokens


class Command(BaseCommand):
    help = "Makes an API token with a role and prints it. It is shown this once: only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="who or what will use it, as in wallboard-lobby")
        parser.add_argument(
            "--role", default="supervisor", choices=sorted(tokens.ROLES_OF_TOKENS), help="what it may do"
        )
        parser.add_argument(
            "--team",
            action="append",
            default=[],
            metavar="NAME",
            help="only this team's affairs (repeatable)",
        )
        parser.add_argument("--days", type=int, default=tokens.DAYS, help="how long it holds")

    def handle(self, *args: Any, name: str, role: str, days: int, team: list[str], **options: Any) -> None:
        try:
            token = tokens.create(name, role, days, team)
        except tokens.CannotMake as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(token)
        sees = f"team {' and '.join(team)}" if team else "all teams"
        self.stderr.write(f"{name}: role {role}, {sees}, for {days} days. It is not shown again.")
