"""What Telnyx's resources say beyond webhooks, and what our own commands said, has its place on the page."""

from typing import Any

import pytest
import time_machine

from conferences import show
from conferences.models import Conference, Participant
from conferences.presentation import ConferenceShown, Keyed, Person, Sound
from conferences.reads import ENDS_READ_AT_ONCE, Reader
from dashboard.models import Command
from supervisor_site.webhooks import project_now
from telephony.models import InboxEvent
from tests.support.answering import Answering, Asked
from tests.support.environment import CONNECTION_ID
from tests.support.people import Cast
from tests.support.story import AGENT, CALLER, CONFERENCE, at, tell, told

pytestmark = pytest.mark.django_db
Json = dict[str, Any]
CALLED = told("call.initiated", 0, CALLER, direction="incoming", **{"from": "+16175550188"})
IN = told("conference.participant.joined", 1, CALLER)
FOUND = {
    "id": CONFERENCE,
    "record_type": "conference",
    "name": "Sales 4412",
    "status": "in_progress",
    "region": "sv1",
    "connection_id": CONNECTION_ID,
    "created_at": at(0).isoformat(),
    "updated_at": at(40).isoformat(),
    "expires_at": at(14_400).isoformat(),
    "end_reason": None,
    "ended_by": {"call_control_id": None, "call_session_id": None},
}
THERE = {
    "record_type": "participant",
    "id": "participant-1",
    "call_control_id": CALLER,
    "status": "joined",
    "muted": False,
    "on_hold": False,
    "end_conference_on_exit": True,
    "soft_end_conference_on_exit": False,
    "whisper_call_control_ids": [AGENT],
    "created_at": at(1).isoformat(),
}


def telnyx(conference: Json | None, *people: Json, alone: Json | None = None) -> Answering:
    def answer(asked: Asked) -> Json:
        if "/participants/" in asked.path:
            return {"data": alone}
        if asked.path.endswith("/participants"):
            return {"data": people, "meta": {"total_pages": 1}}
        return {"data": conference}

    return Answering(answer=answer, status=200 if conference else 404)


def read(server: Answering, seconds: float = 30) -> None:
    with time_machine.travel(at(seconds), tick=False):
        assert Reader(server.client()).read(CONFERENCE, None)
        project_now()


def read_ends(server: Answering, seconds: float = 60) -> int:
    with time_machine.travel(at(seconds), tick=False):
        count = Reader(server.client()).read_ends()
        project_now()
    return count


def page(*, digits: bool = True) -> ConferenceShown:
    conference = Conference.objects.get(pk=CONFERENCE)
    return show.whole(conference, full_numbers=False, digits=digits, lines=50)


def caller() -> Person:
    (person,) = page().people
    return person


def events_of_reads() -> int:
    return InboxEvent.objects.filter(source="read").count()


# --- what lists say ----------------------------------------------------------------------------------
def test_a_read_tells_the_identity_and_exit_flags_of_people_once() -> None:
    tell([CALLED, IN])
    read(telnyx(FOUND, THERE))
    person = caller()
    assert (person.participant_id, person.end_on_exit, person.soft_end_on_exit) == (
        "participant-1",
        True,
        False,
    )
    assert person.whispers_to == ["somebody"]
    shown = page()
    assert (shown.region, shown.expires_at) == ("sv1", at(14_400))
    before = events_of_reads()
    read(telnyx(FOUND, THERE), seconds=45)
    assert events_of_reads() == before


def test_a_read_corrects_what_we_thought_of_the_flags() -> None:
    tell([IN])
    read(telnyx(FOUND, THERE))
    read(telnyx(FOUND, THERE | {"end_conference_on_exit": False}), seconds=45)
    assert caller().end_on_exit is False


def test_the_label_is_read_with_one_person_whose_switches_were_pressed(cast: Cast) -> None:
    tell([IN])
    command = Command.objects.create(
        user=cast.supervisor,
        user_name="Dana Whitfield",
        action="exits",
        family="exits",
        subject=f"conference:{CONFERENCE}",
        subject_name="Sales 4412",
        legs=[CALLER],
        detail={"options": {"end_conference_on_exit": True}},
        state=Command.State.ACCEPTED,
        created_at=at(10),
        first_sent_at=at(10),
        settled_at=at(10),
    )
    server = telnyx(FOUND, THERE, alone=THERE | {"label": "vip"})
    read(server)
    command.refresh_from_db()
    assert (caller().label, command.state) == ("vip", "done")
    read(server, seconds=45)
    alone = [asked.path for asked in server.asked if asked.path.endswith("/participants/participant-1")]
    assert len(alone) == 1


def test_who_is_joining_is_shown_and_not_counted_until_there() -> None:
    read(telnyx(FOUND, THERE | {"status": "joining"}))
    shown = page()
    assert ([person.leg.call_control_id for person in shown.joining], list(shown.people)) == ([CALLER], [])
    read(telnyx(FOUND, THERE), seconds=45)
    shown = page()
    assert (list(shown.joining), len(shown.people)) == ([], 1)


def test_a_new_limit_of_a_conference_is_news() -> None:
    tell([IN])
    read(telnyx(FOUND, THERE))
    read(telnyx(FOUND | {"expires_at": at(20_000).isoformat()}, THERE), seconds=45)
    assert page().expires_at == at(20_000)


def test_one_that_waits_to_start_says_so() -> None:
    read(telnyx(FOUND | {"status": "init"}, THERE))
    shown = page()
    assert shown.waiting_to_start
    assert "Waiting to start" in [mark.words for mark in shown.marks]


# --- how it ended ------------------------------------------------------------------------------------
ENDED = FOUND | {
    "status": "completed",
    "end_reason": "ended_via_api",
    "ended_by": {"call_control_id": CALLER, "call_session_id": "session"},
}


def test_an_ended_conference_is_asked_once_how_it_ended() -> None:
    tell([CALLED, IN, told("conference.ended", 40, reason="all_left")])
    server = telnyx(ENDED)
    assert (read_ends(server), read_ends(server)) == (1, 0)
    shown = page()
    assert (shown.ended_by, shown.ended_via_api) == ("+1 617 ••• 0188", True)
    assert shown.end_words == "a command ended it, by +1 617 ••• 0188"
    assert shown.happenings[0].words == "Conference ended: a command ended it, by +1 617 ••• 0188"
    assert shown.name == "Sales 4412", "a short conference was never read while it was live"


def test_it_is_asked_again_while_telnyx_does_not_know_of_the_end() -> None:
    tell([IN, told("conference.ended", 40, reason="all_left")])
    assert read_ends(telnyx(FOUND)) == 1
    assert read_ends(telnyx(ENDED)) == 1
    assert page().ended_via_api


def test_one_that_telnyx_does_not_know_is_not_asked_for_again() -> None:
    tell([IN, told("conference.ended", 40, reason="all_left")])
    assert (read_ends(telnyx(None)), read_ends(telnyx(None))) == (1, 0)
    assert page().end_words == "everybody left"


def test_ends_are_read_some_at_a_time_and_not_after_a_day() -> None:
    for number in range(ENDS_READ_AT_ONCE + 2):
        tell([told("conference.ended", 40, conference_id=f"c{number}", name=f"end {number}")])
    assert read_ends(telnyx(None)) == ENDS_READ_AT_ONCE
    assert read_ends(telnyx(None), seconds=100_000) == 0


def test_an_end_that_only_a_read_finds_is_dated_by_telnyx_and_told_whole() -> None:
    tell([CALLED, IN])
    read(telnyx(ENDED), seconds=50)
    conference = Conference.objects.get()
    assert (conference.ended_at, conference.end_reason) == (at(40), "ended_via_api")


def test_one_that_is_gone_without_a_word_has_ended() -> None:
    tell([IN])
    read(telnyx(None), seconds=50)
    assert Conference.objects.get().status == "completed"


# --- what our commands said --------------------------------------------------------------------------
def reply(action: str, seconds: float, *legs: str, answer: Json | None = None, **options: Any) -> bytes:
    return told(
        f"reply.{action}",
        seconds,
        conference_id=CONFERENCE,
        legs=list(legs),
        by="Dana Whitfield",
        options=options,
        answer=answer or {"result": "ok"},
    )


def test_roles_and_exits_are_what_accepted_commands_say() -> None:
    tell(
        [
            IN,
            reply("role", 3, CALLER, supervisor_role="whisper", whisper_call_control_ids=[CALLER]),
            reply("exits", 4, CALLER, answer=THERE | {"label": "vip"}, beep_enabled="on_enter"),
        ]
    )
    person = caller()
    assert (person.role, person.beep_enabled, person.label) == ("whisper", "on_enter", "vip")
    assert (person.participant_id, person.end_on_exit) == ("participant-1", True)
    said = [line.words for line in page().happenings]
    assert "Number not known yet whispers to Number not known yet" in said
    assert any(words.startswith("The conference ends for everybody when") for words in said)


def test_an_answer_that_is_a_new_conference_makes_it_known_at_once() -> None:
    tell([reply("create", 1, CALLER, answer=FOUND, max_participants=10, duration_minutes=60, mute=True), IN])
    shown = page()
    assert (shown.name, shown.max_participants, shown.duration_minutes) == ("Sales 4412", 10, 60)
    assert caller().muted


def test_what_plays_is_shown_with_who_started_it() -> None:
    tell(
        [
            IN,
            reply("play", 3.2, audio_url="https://media.example.com/notice.mp3?key=1"),
            told("conference.playback.started", 3, media_url="https://media.example.com/notice.mp3?key=1"),
            reply("speak", 5, CALLER, payload="<speak>One moment</speak>", payload_type="ssml"),
            told("conference.participant.speak.started", 5.1, CALLER),
        ]
    )
    shown = page()
    assert list(shown.sounds) == [Sound("audio", "notice.mp3", at(3), "Dana Whitfield")]
    assert list(caller().sounds) == [Sound("text", "One moment", at(5.1), "Dana Whitfield")]
    said = [line.words for line in shown.happenings]
    assert "Audio plays to everyone: notice.mp3, by Dana Whitfield" in said
    assert "Text is spoken to Number not known yet: “One moment”, by Dana Whitfield" in said


@pytest.mark.parametrize(("seconds", "media"), [(90, "notice.mp3"), (3, "other.mp3")])
def test_what_somebody_else_plays_is_not_said_to_be_ours(seconds: float, media: str) -> None:
    tell(
        [
            IN,
            reply("play", 3, media_name="notice.mp3"),
            told("conference.playback.started", seconds, media_name=media),
        ]
    )
    assert list(page().sounds) == [Sound("audio", media, at(seconds), "")]


def test_music_on_hold_has_its_name() -> None:
    tell([IN, reply("hold", 3, CALLER, media_name="jazz")])
    assert caller().hears == "jazz"
    assert "Number not known yet on hold, hears jazz" in [line.words for line in page().happenings]
    tell([reply("resume", 4, CALLER)])
    assert caller().hears == ""


# --- what people key ---------------------------------------------------------------------------------
def test_gathered_digits_are_shown_to_who_may_see_them() -> None:
    tell([CALLED, IN, reply("gather", 3, CALLER)])
    assert caller().asked_since == at(3)
    tell([told("call.gather.ended", 9, CALLER, digits="1234", status="valid")])
    assert (caller().asked_since, caller().keyed) == (None, Keyed("1234", "valid", at(9)))
    (hidden,) = page(digits=False).people
    assert hidden.keyed == Keyed("•••", "valid", at(9))
    assert not any("1234" in line.words for line in page(digits=False).happenings)


def test_keys_in_a_row_are_one_line_and_none_when_they_were_gathered() -> None:
    pressed = [told("call.dtmf.received", 3 + n, CALLER, digit=digit) for n, digit in enumerate("12#")]
    tell([CALLED, IN, *pressed])
    assert "+1 617 ••• 0188 pressed 12#" in [line.words for line in page().happenings]
    tell([told("call.gather.ended", 6, CALLER, digits="12", status="valid")])
    said = [line.words for line in page().happenings]
    assert ("+1 617 ••• 0188 keyed 12: valid" in said, any("pressed" in words for words in said)) == (
        True,
        False,
    )


def test_what_is_keyed_belongs_to_the_conference_that_one_is_in() -> None:
    other = {"conference_id": "other"}
    tell(
        [
            told("call.gather.ended", 9, CALLER, digits="1", status="valid"),
            told("conference.participant.joined", 8, CALLER, name="in the other", **other),
            IN,
            told("conference.participant.left", 7, CALLER),
        ]
    )
    keyed = dict(Participant.objects.values_list("conference_id", "keyed_digits"))
    assert keyed == {CONFERENCE: "", "other": "1"}
