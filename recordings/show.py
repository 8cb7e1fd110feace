"""From rows to what a page shows: plain values, the same for everybody with the same rights.

Nothing here knows the time: `90 days left`, `Today` and what is over ten minutes are drawn by the browser.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from dashboard.legs import masked, spaced
from dashboard.models import Agent, Command
from recordings.models import Recording, Voice
from recordings.transitions import subject
from telephony.facts import moment

PLAY, DOWNLOAD, DELETE, EXPORT = (
    "play-recording",
    "download-recording",
    "delete-recording",
    "export-recordings",
)
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who was in it: an agent by name, or a number as this audience may see it."""

    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What was not recorded, in seconds of the call and in percent of the bar."""

    since: float
    until: float
    left: float
    width: float
    words: str


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletion under way (`word`), or one that failed (`failed`, in words)."""

    word: str = ""
    failed: str = ""


@dataclass(frozen=True, slots=True)
class RecordingShown:
    pk: int
    version: int
    conference_id: str
    name: str
    queue: str
    at: datetime | None
    ended_at: datetime | None
    length: int
    recorded: int
    people: Sequence[Somebody]
    gaps: Sequence[Gap]
    missing: int
    paused_at_end: bool
    stereo: bool
    format: str
    state: str  # kept, saving, deleted, gone
    deleted_at: datetime | None
    deleted_by: str
    deleted_because: str
    gone_at: datetime | None
    played_at: datetime | None
    played_by: str
    plays: int
    kept_until: datetime | None
    deletion: Deletion

    @property
    def agent(self) -> Somebody | None:
        return next((one for one in self.people if one.kind == "agent"), None)

    @property
    def caller(self) -> Somebody | None:
        return next((one for one in self.people if one.kind != "agent"), None)

    @property
    def others(self) -> int:
        return len(self.people) - (self.agent is not None) - (self.caller is not None)


def shown(recordings: Iterable[Recording], *, full_numbers: bool) -> list[RecordingShown]:
    """These recordings as rows show them, in the order given; four queries for any number."""
    found = list(recordings)
    voices: dict[int, list[Voice]] = defaultdict(list)
    for voice in Voice.objects.filter(recording__in=found).order_by("place", "id"):
        voices[voice.recording_id].append(voice)
    names = _directory({voice.number for some in voices.values() for voice in some})
    deletions = _deletions(found)
    return [
        _one(row, [_somebody(voice, names, full_numbers) for voice in voices[row.pk]], deletions)
        for row in found
    ]


def _directory(numbers: set[str]) -> dict[str, str]:
    found = Agent.objects.filter(Q(number__in=numbers) | Q(sip_address__in=numbers))
    return {key: agent.name for agent in found for key in (agent.number, agent.sip_address) if key}


def _somebody(voice: Voice, names: Mapping[str, str], full_numbers: bool) -> Somebody:
    if not voice.number:
        return Somebody("unknown", "Number not known")
    if voice.number in names:
        return Somebody("agent", names[voice.number])
    return Somebody("caller", spaced(voice.number) if full_numbers else masked(voice.number))


def _deletions(found: Sequence[Recording]) -> dict[str, Deletion]:
    """Deletions that run, and those that failed and that nobody has put away yet."""
    about = [subject(row.recording_id) for row in found if row.recording_id and not row.deleted_at]
    failed = [Command.State.FAILED, Command.State.REFUSED, Command.State.UNKNOWN]
    wanted = Q(settled_at=None) | Q(state__in=failed, dismissed_at=None)
    pressed = Command.objects.filter(wanted, subject__in=about, action=DELETE).order_by("created_at")
    return {command.subject: _deletion(command) for command in pressed}


def _deletion(command: Command) -> Deletion:
    if command.is_open:
        return Deletion(word="Checking" if command.state == Command.State.UNKNOWN else "Deleting")
    return Deletion(failed=f"Delete failed: {command.reason}")


def _one(row: Recording, people: Sequence[Somebody], deletions: Mapping[str, Deletion]) -> RecordingShown:
    return RecordingShown(
        pk=row.pk,
        version=row.version,
        conference_id=row.conference_id,
        name=str(row),
        queue=row.queue,
        at=row.at,
        ended_at=row.ended_at,
        length=row.length_seconds,
        recorded=_recorded(row),
        people=people,
        gaps=_gaps(row),
        missing=row.paused_seconds,
        paused_at_end=row.paused_at_end,
        stereo=row.channels == "dual",
        format=row.format,
        state=_state(row),
        deleted_at=row.deleted_at,
        deleted_by=row.deleted_by,
        deleted_because=row.deleted_because,
        gone_at=row.gone_at,
        played_at=row.played_at,
        played_by=row.played_by,
        plays=row.plays,
        kept_until=row.kept_until,
        deletion=deletions.get(subject(row.recording_id or ""), Deletion()),
    )


def _state(row: Recording) -> str:
    if not row.is_saved:
        return "saving"
    if row.deleted_at:
        return "deleted"
    return "gone" if row.gone_at else "kept"


def _recorded(row: Recording) -> int:
    """Seconds of sound: as Telnyx says, else what the pauses leave."""
    if row.duration_millis is not None:
        return round(row.duration_millis / 1000)
    return max(row.length_seconds - row.paused_seconds, 0)


def _gaps(row: Recording) -> list[Gap]:
    begun, length = row.at, max(row.length_seconds, 1)
    found: list[Gap] = []
    for since, until, by in row.pauses if begun else ():
        start, end = moment(since), moment(until)
        if begun and start and end:
            first, last = (start - begun).total_seconds(), (end - begun).total_seconds()
            words = f"by {by}" if by else ""
            found.append(Gap(first, last, 100 * first / length, 100 * (last - first) / length, words))
    return found
