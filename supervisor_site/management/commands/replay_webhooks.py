"""`manage.py replay_webhooks`: dead letters wait for the projections again."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from telephony.models import InboxEvent
from telephony.replay import requeue

DEAD = InboxEvent.State.DEAD


class Command(BaseCommand):
    help = "Has dead letters projected again, after what was wrong with them has been mended."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--all-dead", action="store_true", help="every dead letter")
        which.add_argument("--event", nargs="+", metavar="ID", help="these, also put aside, by event id")

    def handle(self, *args: Any, all_dead: bool, event: Sequence[str] | None, **options: Any) -> None:
        dead = InboxEvent.objects.filter(state=DEAD)
        found = InboxEvent.objects.filter(event_id__in=event) if event else dead
        count = requeue(found.values_list("pk", flat=True))
        left = dead.count()
        self.stdout.write(
            f"{count} replayed, {left} dead letters left. Earshot projects them while it serves."
        )
        missed = set(event or ()) - set(self._named(event or ()))
        if missed:
            raise CommandError(f"Not in the inbox: {', '.join(sorted(missed))}")

    def _named(self, events: Sequence[str]) -> list[str]:
        return list(InboxEvent.objects.filter(event_id__in=events).values_list("event_id", flat=True))
