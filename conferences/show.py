"""From rows to what a page shows, set-wise: a handful of queries for any number of conferences."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from conferences import audible, limits, show_hands, show_people, timeline
from conferences.models import Conference, Participant
from conferences.presentation import (
    ConferenceShown,
    Floor,
    HandShown,
    Mark,
    Person,
    Recording,
)
from conferences.show_people import sounds
from conferences.transitions import subject
from conferences.verbs import VERBS
from dashboard.legs import Leg, legs
from dashboard.models import Command
from dashboard.shown import Pending, commands_shown, pending, refusal
from telephony.statements import Select

_STAYS = Select(Participant, "conference_id IN {}", order="joined_at, id")


def shown(
    conferences: Iterable[Conference], *, full_numbers: bool, digits: bool = False
) -> list[ConferenceShown]:
    """These conferences as rows show them, in the order given. `digits`: also what people keyed."""
    found = list(conferences)
    stays = _stays(found)
    about = legs(_named(found, stays), full_numbers=full_numbers)
    commands = _commands(found)
    pauses = timeline.spans([conference for conference in found if conference.recording_at])
    raised = show_hands.up(found)
    return [
        _with_hands(
            _one(conference, stays[conference.id], about, commands[subject(conference.id)], pauses, digits),
            raised.get(conference.id, []),
        )
        for conference in found
    ]


def _with_hands(row: ConferenceShown, raised: Sequence[HandShown]) -> ConferenceShown:
    """The oldest hand is the row's mark."""
    if not raised:
        return row
    mark = Mark("hand", "Hand raised", raised[0].raised_at, *limits.HAND, rank=0)
    return replace(row, hands=raised, marks=[mark, *row.marks])


def whole(conference: Conference, *, full_numbers: bool, lines: int, digits: bool = False) -> ConferenceShown:
    """One conference with its timeline and its commands, newest first, `lines` of each at most."""
    (row,) = shown([conference], full_numbers=full_numbers, digits=digits)
    return replace(
        row,
        happenings=timeline.happenings(conference, full_numbers=full_numbers, digits=digits, lines=lines),
        deeds=timeline.deeds(conference, lines=lines),
    )


def _named(conferences: Iterable[Conference], stays: Mapping[str, Sequence[Participant]]) -> set[str]:
    """Every leg that these rows name: who is or was there, who made it, who ended it."""
    there = {stay.call_control_id for some in stays.values() for stay in some}
    about = {leg for one in conferences for leg in (one.creator_leg, one.ended_by_leg) if leg}
    return there | about


def _stays(conferences: Sequence[Conference]) -> dict[str, list[Participant]]:
    found: dict[str, list[Participant]] = defaultdict(list)
    for stay in _STAYS.rows([conference.id for conference in conferences]):
        found[stay.conference_id].append(stay)
    audible.widen(stay for some in found.values() for stay in some)
    return found


def _commands(conferences: Sequence[Conference]) -> dict[str, list[Command]]:
    found: dict[str, list[Command]] = defaultdict(list)
    for command in commands_shown(subject(conference.id) for conference in conferences):
        found[command.subject].append(command)
    return found


def _one(
    conference: Conference,
    stays: Sequence[Participant],
    about: Mapping[str, Leg],
    commands: Sequence[Command],
    pauses: timeline.Spans,
    digits: bool,
) -> ConferenceShown:
    open_ones = [command for command in commands if command.is_open]
    present = stays if conference.is_live else []
    floor = _floor(conference, stays, about)
    coming = [stay for stay in present if stay.status == Participant.Status.JOINING]
    there = [stay for stay in present if stay.status != Participant.Status.JOINING]
    people = show_people.people(there, about, conference, open_ones, digits=digits)
    whole_pending = {command.family: pending(command, VERBS) for command in open_ones if not command.target}
    everyone = {c.family: pending(c, VERBS) for c in open_ones if c.target_key == "everyone"}
    recording = _recording(conference, pauses, whole_pending)
    alone = _alone_since(people, stays, about)
    return ConferenceShown(
        id=conference.id,
        version=conference.version,
        name=str(conference),
        named=bool(conference.name),
        live=conference.is_live,
        queue=_queue(stays, about),
        started_at=conference.started_at or conference.first_seen_at,
        expires_at=conference.expires_at,
        ended_at=conference.ended_at,
        end_words=timeline.end_words(conference, about),
        people=people,
        agent_left=alone is not None,
        floor=floor,
        recording=recording,
        marks=_marks(people, floor, recording, alone, conference),
        playing_since=conference.playing_since,
        speaking_since=conference.speaking_since,
        pending={**whole_pending, **everyone},
        search=_search(conference, people),
        refusals=[refusal(command, VERBS) for command in commands if not command.is_open],
        joining=show_people.people(coming, about, conference, open_ones, digits=digits),
        sounds=sounds(conference) if conference.is_live else [],
        waiting_to_start=conference.status == conference.Status.INIT,
        region=conference.region,
        creator=about[conference.creator_leg].label if conference.creator_leg else "",
        ended_by=about[conference.ended_by_leg].label if conference.ended_by_leg else "",
        ended_via_api=conference.end_reason == "ended_via_api",
        max_participants=conference.max_participants,
        duration_minutes=conference.duration_minutes,
    )


def _floor(conference: Conference, stays: Sequence[Participant], about: Mapping[str, Leg]) -> Floor:
    """Telnyx tells who took the floor, never that it is silent: `quiet` needs a proof."""
    if conference.is_floor_doubted:
        return Floor("unknown", None, lost_at=conference.floor_doubted_at)
    mine = [stay for stay in stays if stay.call_control_id == conference.floor_leg]
    if not mine or conference.floor_at is None:
        return Floor("unknown", None)
    holder, leg = mine[-1], about[conference.floor_leg]
    silenced = [at for at in (holder.left_at, holder.muted_at, holder.held_at) if at]
    if silenced:
        return Floor("quiet", max(min(silenced), conference.floor_at))
    return Floor("agent" if leg.kind == "agent" else "caller", conference.floor_at, leg.label)


def _recording(
    conference: Conference, pauses: timeline.Spans, whole_pending: Mapping[str, Pending]
) -> Recording:
    state = conference.Recording(conference.recording) if conference.is_live else conference.Recording.OFF
    spans = pauses.get(conference.id, [])
    return Recording(
        state=state.value,
        since=conference.recording_at if state != "off" else None,
        spans=spans,
        pending=whole_pending.get("record"),
        ended_paused=not conference.is_live and bool(spans) and spans[-1].paused,
    )


def _alone_since(
    people: Sequence[Person], stays: Sequence[Participant], about: Mapping[str, Leg]
) -> datetime | None:
    """Since when callers are without the agent who was there; None if none was, or one is."""
    if not people or any(person.leg.kind == "agent" or person.role not in {"", "none"} for person in people):
        return None
    left = [stay.left_at for stay in stays if stay.left_at and about[stay.call_control_id].kind == "agent"]
    return max([*left, people[0].joined_at]) if left else None


def _queue(stays: Sequence[Participant], about: Mapping[str, Leg]) -> str:
    """The queue that a caller of this conference waited in: of those who are here, else of who was."""
    ordered = sorted(stays, key=lambda stay: stay.left_at is not None)
    queues = (about[stay.call_control_id].queue_before(stay.joined_at) for stay in ordered)
    return next(filter(None, queues), "")


def _marks(
    people: Sequence[Person],
    floor: Floor,
    recording: Recording,
    alone: datetime | None,
    conference: Conference,
) -> list[Mark]:
    """What a row says of its state; the browser turns a mark amber or red when its time has come."""
    held = [person.held_at for person in people if person.held_at]
    muted = sum(bool(person.muted) for person in people)
    marks = []
    if conference.status == conference.Status.INIT:
        marks.append(Mark("start", "Waiting to start", rank=3))
    if alone:
        marks.append(Mark("alone", "Caller alone", alone, *limits.CALLER_ALONE, rank=0))
    if held:
        marks.append(Mark("hold", "Hold", min(held), *limits.HOLD, rank=1))
    if recording.state == "paused":
        marks.append(Mark("paused", "Paused", recording.since, *limits.RECORDING_PAUSED, rank=2))
    if floor.state == "quiet" and people:
        marks.append(Mark("quiet", "Quiet", floor.since, *limits.QUIET, rank=3))
    if muted:
        marks.append(Mark("muted", f"{muted} muted", rank=4))
    if conference.playing_since or any(person.playing_since for person in people):
        marks.append(Mark("playing", "Playing", rank=5))
    if conference.speaking_since or any(person.speaking_since for person in people):
        marks.append(Mark("speaking", "Speaking text", rank=6))
    return marks


def _search(conference: Conference, people: Sequence[Person]) -> str:
    """What the search box looks through: names, numbers as shown, the last four digits."""
    words = [str(conference), *(f"{p.leg.label} {p.leg.number} {p.leg.number[-4:]}" for p in people)]
    return " ".join(words).lower()
