"""From rows to what a page shows, set-wise: a handful of queries for any number of conferences."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from conferences import limits, timeline
from conferences.models import Conference, Participant
from conferences.presentation import (
    ConferenceShown,
    Floor,
    Mark,
    Pending,
    Person,
    Recording,
    Refusal,
)
from conferences.transitions import subject
from conferences.verbs import VERBS
from dashboard.legs import Leg, legs
from dashboard.models import Command
from telephony.refusals import advice_on


def shown(conferences: Iterable[Conference], *, full_numbers: bool) -> list[ConferenceShown]:
    """These conferences as rows show them, in the order given."""
    found = list(conferences)
    stays = _stays(found)
    about = legs(
        {stay.call_control_id for some in stays.values() for stay in some}, full_numbers=full_numbers
    )
    commands = _commands(found)
    pauses = timeline.spans([conference for conference in found if conference.recording_at])
    return [
        _one(conference, stays[conference.id], about, commands[subject(conference.id)], pauses)
        for conference in found
    ]


def whole(conference: Conference, *, full_numbers: bool, lines: int) -> ConferenceShown:
    """One conference with its timeline and its commands, newest first, `lines` of each at most."""
    (row,) = shown([conference], full_numbers=full_numbers)
    return replace(
        row,
        happenings=timeline.happenings(conference, full_numbers=full_numbers, lines=lines),
        deeds=timeline.deeds(conference, lines=lines),
    )


def _stays(conferences: Sequence[Conference]) -> dict[str, list[Participant]]:
    found: dict[str, list[Participant]] = defaultdict(list)
    for stay in Participant.objects.filter(conference__in=conferences).order_by("joined_at", "id"):
        found[stay.conference_id].append(stay)
    return found


def _commands(conferences: Sequence[Conference]) -> dict[str, list[Command]]:
    """What is open, and what failed and nobody has put away yet."""
    found: dict[str, list[Command]] = defaultdict(list)
    subjects = [subject(conference.id) for conference in conferences]
    failed = [Command.State.FAILED, Command.State.REFUSED, Command.State.UNKNOWN]
    shown_on_page = Q(settled_at=None) | Q(state__in=failed, dismissed_at=None)
    for command in Command.objects.filter(shown_on_page, subject__in=subjects):
        found[command.subject].append(command)
    return found


def _one(
    conference: Conference,
    stays: Sequence[Participant],
    about: Mapping[str, Leg],
    commands: Sequence[Command],
    pauses: timeline.Spans,
) -> ConferenceShown:
    open_ones = [command for command in commands if command.is_open]
    present = [stay for stay in stays if stay.left_at is None] if conference.is_live else []
    floor = _floor(conference, stays, about)
    people = sorted((_person(stay, about, conference, open_ones) for stay in present), key=_place)
    whole_pending = {command.family: _pending(command) for command in open_ones if not command.target}
    everyone = {c.family: _pending(c) for c in open_ones if c.target_key == "everyone"}
    recording = _recording(conference, pauses, whole_pending)
    alone = _alone_since(people, stays, about)
    return ConferenceShown(
        id=conference.id,
        version=conference.version,
        name=str(conference),
        named=bool(conference.name),
        live=conference.is_live,
        queue=_queue(people, stays, about),
        started_at=conference.started_at or conference.first_seen_at,
        expires_at=conference.expires_at,
        ended_at=conference.ended_at,
        end_words=timeline.REASONS.get(conference.end_reason, conference.end_reason.replace("_", " ")),
        people=people,
        agent_left=alone is not None,
        floor=floor,
        recording=recording,
        marks=_marks(people, floor, recording, alone, conference),
        playing_since=conference.playing_since,
        speaking_since=conference.speaking_since,
        pending={**whole_pending, **everyone},
        search=_search(conference, people),
        refusals=[_refusal(command) for command in commands if not command.is_open],
    )


def _person(
    stay: Participant, about: Mapping[str, Leg], conference: Conference, open_ones: Iterable[Command]
) -> Person:
    leg = stay.call_control_id
    has_floor = conference.floor_leg == leg and not stay.muted and not stay.on_hold
    return Person(
        pk=stay.pk,
        leg=about[leg],
        joined_at=stay.joined_at,
        muted=stay.muted,
        muted_at=stay.muted_at,
        on_hold=stay.on_hold,
        held_at=stay.held_at,
        role=stay.supervisor_role,
        has_floor=has_floor,
        floor_since=conference.floor_at if has_floor else None,
        playing_since=stay.playing_since,
        speaking_since=stay.speaking_since,
        pending={command.family: _pending(command) for command in open_ones if leg in command.legs},
    )


def _place(person: Person) -> tuple[bool, datetime, int]:
    """Agents first, then in the order of joining."""
    return person.leg.kind != "agent", person.joined_at, person.pk


def _pending(command: Command) -> Pending:
    unknown = command.state == Command.State.UNKNOWN
    return Pending(VERBS[command.action].doing, command.created_at, unknown)


def _floor(conference: Conference, stays: Sequence[Participant], about: Mapping[str, Leg]) -> Floor:
    """Telnyx tells who took the floor, never that it is silent: `quiet` needs a proof."""
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
    return Recording(
        state=state.value,
        since=conference.recording_at if state != "off" else None,
        spans=pauses.get(conference.id, []),
        pending=whole_pending.get("record"),
    )


def _alone_since(
    people: Sequence[Person], stays: Sequence[Participant], about: Mapping[str, Leg]
) -> datetime | None:
    """Since when callers are without the agent who was there; None if none was, or one is."""
    if not people or any(person.leg.kind == "agent" or person.role not in {"", "none"} for person in people):
        return None
    left = [stay.left_at for stay in stays if stay.left_at and about[stay.call_control_id].kind == "agent"]
    return max([*left, people[0].joined_at]) if left else None


def _queue(people: Sequence[Person], stays: Sequence[Participant], about: Mapping[str, Leg]) -> str:
    """The queue that a caller of this conference waited in."""
    everybody = [person.leg for person in people] + [about[stay.call_control_id] for stay in stays]
    return next((leg.queue for leg in everybody if leg.queue), "")


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


def _refusal(command: Command) -> Refusal:
    verb = VERBS[command.action].noun
    about = (
        f"{command.target or 'everybody'} in {command.subject_name}" if command.legs else command.subject_name
    )
    if command.state == Command.State.UNKNOWN:
        text = f"{about}: Telnyx gave no answer. What is shown is what is known."
        return Refusal(str(command.pk), f"{verb}: not known whether it was done", text, unknown=True)
    tried = f" Tried {command.attempts} times." if command.attempts > 1 else ""
    text = f"{about}. Nothing was changed.{tried} {advice_on(command.reason)}".rstrip()
    return Refusal(str(command.pk), f"{verb} failed: {command.reason}", text)
