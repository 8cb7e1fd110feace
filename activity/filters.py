"""What of the activity somebody wants to see: read from the address, written back, asked of the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from activity.log import PROGRESS
from activity.reach import commands_of, commands_within, supervisions_of, supervisions_within
from conferences.models import Participant
from dashboard import addresses
from dashboard.addresses import View, day, known, numbered, page_of, span_in_words, texts_of
from dashboard.models import Agent, Command
from dashboard.scope import Scope
from supervision.models import LIVE, Supervision
from telephony.models import Call

PER_PAGE = 50
VIEWS = {"": "Supervision", "commands": "Commands"}
DAYS = {
    "": "Today",
    "yesterday": "Yesterday",
    "week": "Last 7 days",
    "month": "Last 30 days",
    "all": "All days",
}
MODES = {"": "All", "listen": "Listen", "whisper": "Whisper", "barge": "Barge"}
OUTCOMES = {
    "": {"": "All", "running": "Running", "ended": "Ended", "rang": "Not joined"},
    "commands": {
        "": "All",
        "done": "Done",
        "accepted": "Accepted",
        "failed": "Failed",
        "refused": "Refused",
        "unknown": "Not known",
        "open": "Sent",
    },
}
ROLES = {"listen": "monitor", "whisper": "whisper", "barge": "barge"}
_BACK = {"week": 6, "month": 29}
Found = QuerySet[Supervision]


@dataclass(frozen=True, slots=True)
class Filters(View):
    """One view of the activity. Every field is its text in the address; "" is not set. `call` is the id of a
    conference or `b-` and the number of a bridged call, `conference` a part of its name."""

    view: str = ""
    q: str = ""
    who: str = ""
    conference: str = ""
    call: str = ""
    days: str = ""
    since: str = ""
    until: str = ""
    mode: str = ""
    outcome: str = ""

    @classmethod
    def read(cls, told: Mapping[str, str]) -> "Filters":
        """From an address's query; what cannot be is as if it were not there."""
        texts = texts_of(cls, told)
        for name, values in (("view", VIEWS), ("days", DAYS), ("mode", MODES)):
            texts[name] = known(texts[name], values)
        texts["outcome"] = known(texts["outcome"], OUTCOMES[texts["view"]])
        for name in ("since", "until"):
            texts[name] = texts[name] if day(texts[name]) else ""
        return cls(page_of(told), **texts)

    @property
    def is_set(self) -> bool:
        return Filters(view=self.view).query() != self.query()

    @property
    def outcomes(self) -> Mapping[str, str]:
        return OUTCOMES[self.view]

    def words(self) -> list[str]:
        """What is set, as people say it; of the days always."""
        texts = [f"“{self.q}”" if self.q else "", self.who, self.conference]
        texts += [MODES[self.mode] if self.mode else "", self.outcomes[self.outcome] if self.outcome else ""]
        return [text for text in [*texts, self.day_words()] if text]

    def day_words(self) -> str:
        return span_in_words(day(self.since), day(self.until)) or DAYS[self.days]

    # --- supervision ---------------------------------------------------------------------------------
    def supervisions(self, scope: Scope, *, full_numbers: bool) -> Found:
        """What fits, but for mode and outcome, which change: who is running first, then the newest."""
        running = Case(When(state__in=LIVE, then=Value(0)), default=Value(1))
        found = supervisions_within(scope).order_by(running, "-requested_at", "pk")
        if self.q:
            named = Q(user_name__icontains=self.q) | Q(conference_name__icontains=self.q)
            found = found.filter(named | _in_it(self.q, full_numbers))
        if self.who:
            found = found.filter(user_name__icontains=self.who)
        if self.conference:
            found = found.filter(conference_name__icontains=self.conference)
        if self.call:
            found = found.filter(supervisions_of(self.call))
        begin, end = self.bounds()
        if begin:
            # Who listened into the day belongs to it.
            found = found.filter(Q(requested_at__gte=begin) | Q(ended_at__gte=begin) | Q(state__in=LIVE))
        return found.filter(requested_at__lt=end) if end else found

    def fitting(self, found: Found) -> Found:
        """Those in the mode at some time, and with the outcome."""
        if self.mode:
            found = found.filter(Q(asked_role=ROLES[self.mode]) | Q(role=ROLES[self.mode]) | self._switched())
        by_outcome = {
            "running": Q(state__in=LIVE),
            "ended": Q(connected_at__isnull=False) & ~Q(state__in=LIVE),
            "rang": Q(connected_at=None) & ~Q(state__in=LIVE),
        }
        return found.filter(by_outcome.get(self.outcome, Q()))

    def _switched(self) -> Q:
        """By the log: a supervision keeps only its newest role."""
        taken = [Command.State.ACCEPTED, Command.State.DONE]
        pressed = Command.objects.filter(action=f"to-{self.mode}", state__in=taken)
        begin, end = self.bounds()
        if begin:
            pressed = pressed.filter(created_at__gte=begin - timedelta(days=1))
        if end:
            pressed = pressed.filter(created_at__lt=end + timedelta(days=1))
        return Q(pk__in=[about.rpartition(":")[2] for about in pressed.values_list("subject", flat=True)])

    # --- commands ------------------------------------------------------------------------------------
    def commands(self, scope: Scope) -> QuerySet[Command]:
        """What fits, but for the outcome, which changes: newest first."""
        found = commands_within(scope).annotate(progress=PROGRESS).order_by("-created_at", "-pk")
        if self.q:
            named = Q(user_name__icontains=self.q) | Q(target__icontains=self.q)
            found = found.filter(named | Q(subject_name__icontains=self.q))
        if self.who:
            found = found.filter(user_name__icontains=self.who)
        if self.conference:
            found = found.filter(subject_name__icontains=self.conference)
        if self.call:
            found = found.filter(commands_of(self.call))
        if self.mode:
            found = found.filter(action__in=[self.mode, f"to-{self.mode}"])
        begin, end = self.bounds()
        found = found.filter(created_at__gte=begin) if begin else found
        return found.filter(created_at__lt=end) if end else found

    def with_outcome(self, found: QuerySet[Command]) -> QuerySet[Command]:
        if not self.outcome:
            return found
        return found.filter(outcome(self.outcome))

    def on_page(self) -> slice:
        return self.places(PER_PAGE)

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """From when, and before when; the site's days."""
        since, until = day(self.since), day(self.until)
        if not since and not until:
            since, until = _period(self.days)
        after = until + timedelta(days=1) if until and until < date.max else None
        return _midnight(since), _midnight(after)


@lru_cache(maxsize=256)
def of_key(key: str) -> Filters:
    """From the part of a live scope after its colon. Asked with every poke."""
    return Filters.read(addresses.of_key(key))


def outcome(name: str) -> Q:
    """Commands that came to this: open ones may be unknown already."""
    if name == "open":
        return Q(settled_at=None) & ~Q(state=Command.State.UNKNOWN)
    return Q(state=name)


def _period(days: str) -> tuple[date | None, date | None]:
    today = timezone.localdate()
    if days == "all":
        return None, None
    if days == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    return today - timedelta(days=_BACK.get(days, 0)), None


def _midnight(of: date | None) -> datetime | None:
    return datetime.combine(of, time(), timezone.get_current_timezone()) if of else None


def _in_it(text: str, full_numbers: bool) -> Exists:
    """Whether somebody of that name in the directory, or of that number, is or was in the conference."""
    agents = Agent.objects.filter(name__icontains=text)
    numbers = {key for pair in agents.values_list("number", "sip_address") for key in pair if key}
    named = Q(from_number__in=numbers) | Q(to_number__in=numbers)
    wanted = named | numbered(text, "from_number", "to_number", full_numbers=full_numbers)
    legs = Call.objects.filter(wanted).values("call_control_id")
    there = Participant.objects.filter(conference=OuterRef("conference_id"), call_control_id__in=legs)
    return Exists(there.order_by())
