"""Supervisions as rows of the activity: who listened, to whom, how long, with each mode, by what right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from activity.rights import Right, recorded
from activity.stories import Story, stories
from supervision import words
from supervision.models import Supervision
from supervision.spans import WIDE, Span

State = Supervision.State
NOUNS = {"monitor": "listen", "whisper": "whisper", "barge": "barge", "": "not known"}
RUNNING = {"monitor": "listening", "whisper": "whispering", "barge": "barging in", "": "not known"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of the drawing. `role`: monitor, whisper, barge, rang, unknown."""

    role: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class SupervisionShown:
    """One row. Of `words` the last may be followed by a time that ticks since `ticking`."""

    pk: str
    version: int
    live: bool
    who: str
    user: int
    conference_id: str
    conference: str
    place_url: str
    since: datetime
    until: datetime | None
    to: str
    others: int
    bars: Sequence[Bar]
    words: str
    ticking: datetime | None
    failed: bool
    length: int
    length_since: datetime | None
    right: Right
    recordings: int


def shown(rows: Iterable[Supervision], *, full_numbers: bool) -> list[SupervisionShown]:
    return [show(story) for story in stories(list(rows), full_numbers=full_numbers)]


def show(story: Story) -> SupervisionShown:
    row, stretches = story.row, story.spans
    said, ticking = _mode_words(row, stretches)
    since = row.connected_at or row.requested_at
    to = story.people[0].leg.label if story.people else ""
    return SupervisionShown(
        pk=str(row.pk),
        version=story.version,
        live=row.is_live,
        who=row.user_name,
        user=row.user_id,
        conference_id=row.conference_id,
        conference=row.conference_name,
        place_url=_place_url(story),
        since=since,
        until=None if row.is_live else row.ended_at or since,
        to=to or _nobody(story),
        others=max(len(story.people) - 1, 0),
        bars=bars(row, stretches),
        words=said[:1].upper() + said[1:],
        ticking=ticking,
        failed=row.state == State.FAILED,
        length=length(row),
        length_since=row.connected_at if row.is_live else None,
        right=recorded(story.commands),
        recordings=story.recordings,
    )


def _place_url(story: Story) -> str:
    if story.row.conference_id:
        return reverse("conference", args=[story.row.conference_id])
    return reverse("bridged-call", args=[story.call.pk]) if story.call else ""


def _nobody(story: Story) -> str:
    if story.row.connected_at:
        return "Nobody else" if story.seen else "Not known"
    return "Nobody yet" if story.row.is_live else "Nobody, not joined"


def length(row: Supervision) -> int:
    """Seconds in the conference; 0 while it goes on."""
    if row.connected_at is None or row.ended_at is None:
        return 0
    return max(int((row.ended_at - row.connected_at).total_seconds()), 0)


def bars(row: Supervision, stretches: Sequence[Span]) -> list[Bar]:
    if not stretches:
        return [Bar("rang", row.calling_at or row.accepted_at or row.requested_at, _rang_until(row))]
    return [Bar(span.role or "unknown", span.since, span.until) for span in stretches]


def _rang_until(row: Supervision) -> datetime | None:
    return None if row.is_live else row.ended_at or row.requested_at


def _mode_words(row: Supervision, stretches: Sequence[Span]) -> tuple[str, datetime | None]:
    """The parts in words, and since when the last goes on."""
    if not stretches:
        return _rang_words(row)
    last = stretches[-1]
    if last.until is None:
        return _before(stretches[:-1], len(stretches)) + RUNNING[last.role], last.since
    if len(stretches) > 2:
        widest = max((span.role for span in stretches), key=("", *WIDE).index)
        return f"{len(stretches)} parts, {NOUNS[widest]} {_clock(_lasted(stretches, widest))}", None
    return ", ".join(f"{NOUNS[span.role]} {_clock(_lasted([span]))}" for span in stretches), None


def _before(stretches: Sequence[Span], count: int) -> str:
    if count > 2:
        return f"{count} parts, now "
    return "".join(f"{NOUNS[span.role]} {_clock(_lasted([span]))}, " for span in stretches)


def _rang_words(row: Supervision) -> tuple[str, datetime | None]:
    rang = row.calling_at or row.accepted_at
    if row.is_live:
        return ("calling", rang) if rang else ("requested", row.requested_at)
    why = words.cause(row.reason) if row.reason else "not joined"
    if rang is None or row.ended_at is None:
        return why, None
    return f"rang {_clock(row.ended_at - rang)}, {why}", None


def _lasted(stretches: Iterable[Span], role: str | None = None) -> timedelta:
    wanted = [span for span in stretches if span.until and role in {None, span.role}]
    return sum((span.until - span.since for span in wanted if span.until), timedelta())


def _clock(lasted: timedelta) -> str:
    minutes, seconds = divmod(max(int(lasted.total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
