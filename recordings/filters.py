"""Which recordings somebody wants to see: read from the address, written back into it, asked of the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from dashboard import addresses
from dashboard.addresses import View, day, known, numbered, page_of, span_in_words, texts_of
from dashboard.models import Agent
from dashboard.scope import Scope
from recordings.models import Recording, Voice

PER_PAGE = 50
SOON = timedelta(days=3)  # before the end of what is kept, it is said
PAUSES = {"": "All", "some": "With pauses", "none": "No pauses", "end": "Paused until the end"}
SORTS = {"": "Newest", "oldest": "Oldest", "longest": "Longest"}
TABS = {"": "All", "soon": "Deleted soon", "unheard": "Never played", "deleted": "Deleted"}
_ORDERS = {"": ("-at", "-id"), "oldest": ("at", "id"), "longest": ("-length_seconds", "-id")}


@dataclass(frozen=True, slots=True)
class Filters(View):
    """One view of the list. Every field is its text in the address; "" is not set."""

    q: str = ""
    queue: str = ""
    conference: str = ""
    person: str = ""
    since: str = ""
    until: str = ""
    pauses: str = ""
    tab: str = ""
    sort: str = ""

    @classmethod
    def read(cls, told: Mapping[str, str]) -> "Filters":
        """From an address's query; what cannot be is as if it were not there."""
        texts = texts_of(cls, told)
        for name, values in (("pauses", PAUSES), ("tab", TABS), ("sort", SORTS)):
            texts[name] = known(texts[name], values)
        for name in ("since", "until"):
            texts[name] = texts[name] if day(texts[name]) else ""
        return cls(page_of(told), **texts)

    @classmethod
    def of_key(cls, key: str) -> "Filters":
        """From the part of a live scope after its colon."""
        return cls.read(addresses.of_key(key))

    @property
    def is_set(self) -> bool:
        return bool(Filters(sort=self.sort).query() != self.query())

    @property
    def days(self) -> tuple[date | None, date | None]:
        return day(self.since), day(self.until)

    def words(self) -> list[str]:
        """What is set, as people say it: `No recording matches “4499”, Never played`."""
        texts = [f"“{self.q}”" if self.q else "", self.queue, self.conference, self.person]
        texts.append(span_in_words(*self.days))
        texts += [PAUSES[self.pauses] if self.pauses else "", TABS[self.tab] if self.tab else ""]
        return [text for text in texts if text]

    def found(self, scope: Scope, *, full_numbers: bool) -> QuerySet[Recording]:
        """What fits but for the tab, in order."""
        found = Recording.objects.within(scope).order_by(*_ORDERS[self.sort])
        if self.q:
            found = found.filter(_searched(self.q, full_numbers))
        if self.queue:
            found = found.filter(queue=self.queue)
        if self.conference:
            found = found.filter(name__icontains=self.conference)
        if self.person:
            found = found.filter(_heard(self.person, full_numbers))
        return _between(found, *self.days).filter(_paused(self.pauses))

    def tabbed(self, found: QuerySet[Recording]) -> QuerySet[Recording]:
        return in_tab(found, self.tab)

    def on_page(self, found: QuerySet[Recording]) -> QuerySet[Recording]:
        return self.tabbed(found)[self.places(PER_PAGE)]


def in_tab(found: QuerySet[Recording], tab: str) -> QuerySet[Recording]:
    if tab == "soon":
        return kept(found).filter(ended_at__lt=soon_before()) if settings.RECORDING_DAYS else found.none()
    if tab == "unheard":
        return kept(found).filter(played_at=None)
    return found.filter(deleted_at__isnull=False) if tab == "deleted" else found


def kept(found: QuerySet[Recording]) -> QuerySet[Recording]:
    return found.filter(recording_id__isnull=False, deleted_at=None, gone_at=None)


def soon_before() -> datetime:
    """What ended before is deleted in three days; by whole days, so that a count lasts for a day."""
    midnight = datetime.combine(timezone.localdate(), time(), timezone.get_current_timezone())
    return midnight + timedelta(days=1) + SOON - timedelta(days=settings.RECORDING_DAYS)


def _between(found: QuerySet[Recording], since: date | None, until: date | None) -> QuerySet[Recording]:
    zone = timezone.get_current_timezone()
    if since:
        found = found.filter(at__gte=datetime.combine(since, time(), zone))
    if until and until < date.max:
        found = found.filter(at__lt=datetime.combine(until + timedelta(days=1), time(), zone))
    return found


def _paused(pauses: str) -> Q:
    return {"some": Q(pause_count__gt=0), "none": Q(pause_count=0), "end": Q(paused_at_end=True)}.get(
        pauses, Q()
    )


def _searched(text: str, full_numbers: bool) -> Q:
    return Q(name__icontains=text) | Q(queue__icontains=text) | _heard(text, full_numbers)


def _heard(text: str, full_numbers: bool) -> Q:
    """Recordings with somebody of that name in the directory, or of that number."""
    agents = Agent.objects.filter(name__icontains=text)
    numbers = {key for pair in agents.values_list("number", "sip_address") for key in pair if key}
    wanted = Q(number__in=numbers) | numbered(text, "number", full_numbers=full_numbers)
    return Q(pk__in=Voice.objects.filter(wanted).values("recording_id"))


def queues(scope: Scope) -> list[str]:
    """Every queue that a recording came from."""
    named = Recording.objects.within(scope).exclude(queue="")
    return list(named.order_by("queue").values_list("queue", flat=True).distinct())


def neighbours(filters: Filters, found: QuerySet[Recording], count: int) -> QuerySet[Recording]:
    """The rows just outside a page, which a change of `count` rows may have pushed over its edges."""
    here, tabbed = filters.places(PER_PAGE), filters.tabbed(found)
    before, after = tabbed[max(here.start - count, 0) : here.start], tabbed[here.stop : here.stop + count]
    near = [row.pk for row in [*before, *after]]
    return Recording.objects.filter(pk__in=near).order_by(F("pk"))
