"""The activity: who listened to whom and who pressed what, for whom may see it, with filters and as files."""

import csv
import json
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from conferences.models import Participant
from dashboard.commands import settled
from dashboard.models import Command, Team, User
from supervision.models import Supervision
from telephony import marks
from telephony.models import InboxEvent
from tests.support.people import SALES, SELLING_AGENT, Cast
from tests.support.story import AGENT, CALLER, CONFERENCE, at, tell, told

pytestmark = pytest.mark.django_db

LEG, OTHER = "v3:ear", "other-conference"
ALL = "?days=all"


def listened(
    who: User, conference_id: str = CONFERENCE, name: str = "Claims 3307", **more: Any
) -> Supervision:
    number = uuid4()
    fields: dict[str, Any] = {
        "id": number,
        "root": number,
        "user": who,
        "user_name": str(who),
        "conference_id": conference_id,
        "conference_name": name,
        "phone": "+13125559001",
        "asked_role": "monitor",
        "role": "monitor",
        "requested_at": at(1),
    }
    return Supervision.objects.create(**(fields | more))


def pressed(row: Supervision, action: str, sent: float, settled: float | None, **more: Any) -> Command:
    role = {"listen": "monitor"}.get(action.removeprefix("to-"), action.removeprefix("to-"))
    fields: dict[str, Any] = {
        "user": row.user,
        "user_name": row.user_name,
        "action": action,
        "permission": action.removeprefix("to-"),
        "family": "supervise",
        "subject": row.subject,
        "subject_name": row.conference_name,
        "detail": {"options": {"supervisor_role": role}, "right": row.user.right},
        "state": Command.State.ACCEPTED,
        "attempts": 1,
        "created_at": at(sent),
        "first_sent_at": at(sent),
        "settled_at": None if settled is None else at(settled),
    }
    return Command.objects.create(**(fields | more))


def reply(row: Supervision, command: Command, seconds: float) -> bytes:
    said: dict[str, Any] = {"conference_id": row.conference_id, "supervision": str(row.pk), "legs": [LEG]}
    name = f"reply:{command.pk}"
    return told(f"reply.{command.action}", seconds, name=name, options=command.detail["options"], **said)


def mark(row: Supervision) -> str:
    """The state of the leg that was dialled for it."""
    of_it = marks.Mark(str(row.pk), row.user_id, row.conference_id, row.asked_role)
    return marks.write(of_it)


def people(conference: str = CONFERENCE, number: str = "+13125550147") -> list[bytes]:
    """A caller and an agent of the directory in a conference."""
    there = {"conference_id": conference}
    called = {"from": "+16175550188", "to": "+18005550110"}
    dialled = {"from": "+18005550110", "to": number}
    one, other = f"{CALLER}-{conference}", f"{AGENT}-{conference}"
    return [
        told("call.initiated", 0, one, direction="incoming", **called),
        told("call.initiated", 0.5, other, direction="outgoing", **dialled),
        told("conference.participant.joined", 2, one, **there),
        told("conference.participant.joined", 3, other, **there),
    ]


@pytest.fixture
def over(cast: Cast) -> Supervision:
    """Dana listened for 30 s, then barged in for 40 s, then left."""
    row = listened(cast.supervisor, leg=LEG)
    listen, barge = pressed(row, "listen", 1, 1.2), pressed(row, "to-barge", 40, 40.4)
    tell(people())
    tell(
        [
            told(
                "reply.listen",
                1.2,
                name=f"reply:{listen.pk}",
                answer={"call_control_id": LEG},
                legs=[],
                conference_id=CONFERENCE,
                supervision=str(row.pk),
                options={"supervisor_role": "monitor"},
            ),
            told("call.initiated", 1.3, LEG, direction="outgoing", to="+13125559001", client_state=mark(row)),
            told("conference.participant.joined", 10, LEG),
            reply(row, barge, 40.4),
            told("conference.participant.left", 80, LEG),
            told("call.hangup", 80, LEG, hangup_cause="normal_clearing"),
        ]
    )
    row.refresh_from_db()
    assert row.state == "ended"
    return row


def window(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def page(who: User, query: str = ALL, status: int = 200) -> str:
    answer = window(who).get(f"/activity/{query}")
    assert answer.status_code == status
    return answer.content.decode()


def text_of(html: str, start: str) -> str:
    """Everything from an element's start to the end of its row, without marks."""
    row = html.partition(start)[2].partition("</tr>")[0]
    return " ".join("".join(piece.partition(">")[2] for piece in row.split("<")).split())


# --- who listened to whom -------------------------------------------------------------------------------
def test_a_row_says_who_to_whom_how_long_with_each_mode_and_by_what_right(
    cast: Cast, over: Supervision
) -> None:
    row = text_of(page(cast.colleague), f'id="sup-{over.pk}"')
    assert "Dana Whitfield" in row and "Claims 3307" in row
    assert "Priya Nair, +1" in row
    assert "Listen 0:30, barge 0:39" in row
    assert "1:10" in row and "Supervisor, all teams" in row


def test_the_details_say_who_heard_with_proof(cast: Cast, over: Supervision) -> None:
    html = window(cast.colleague).get(f"/activity/supervisions/{over.pk}/").content.decode()
    assert "The caller heard Dana Whitfield." in html
    joined = InboxEvent.objects.get(event_type="conference.participant.joined", event_id__contains=LEG)
    assert f"conference.participant.joined, inbox {joined.pk}" in html
    assert "Joined, muted" in html and "Telnyx accepted, 0.4 s" in html
    assert "policy of Claims" in html and "Yes, with the name, while they could be heard" in html
    assert "Not known: not on the admin’s pages" in html
    assert "+1 617 ••• 0188 heard Dana Whitfield." in html and "617555" not in html.replace(" ", "")
    assert "+1 617 555 0188" in window(cast.admin).get(f"/activity/supervisions/{over.pk}/").content.decode()


def test_who_gave_the_role_is_read_from_the_admins_log(cast: Cast, over: Supervision) -> None:
    about = ContentType.objects.get_for_model(User)
    for fields, seconds in ((["Name"], -30), (["Groups"], -60), (["Groups"], 60)):
        entry = LogEntry.objects.create(
            user=cast.admin,
            content_type=about,
            object_id=str(cast.supervisor.pk),
            object_repr="Dana",
            action_flag=CHANGE,
            change_message=json.dumps([{"changed": {"fields": fields}}]),
        )
        LogEntry.objects.filter(pk=entry.pk).update(action_time=at(seconds))
    html = window(cast.colleague).get(f"/activity/supervisions/{over.pk}/").content.decode()
    assert "Ruth Adeyemi, 23 Nov 2026" in html


def test_a_caller_who_never_heard_is_said_to_be_so(cast: Cast, over: Supervision) -> None:
    row = listened(cast.colleague, leg="v3:ear-2", requested_at=at(20))
    pressed(row, "listen", 20, 20.2)
    of_it: dict[str, Any] = {"conference_id": CONFERENCE, "supervision": str(row.pk), "legs": []}
    tell(
        [
            told("reply.listen", 20.2, name="dial", answer={"call_control_id": "v3:ear-2"}, **of_it),
            told("conference.participant.joined", 22, "v3:ear-2"),
            told("conference.participant.left", 60, "v3:ear-2"),
        ]
    )
    html = window(cast.supervisor).get(f"/activity/supervisions/{row.pk}/").content.decode()
    assert "The caller never heard Luis Ortega." in html
    assert "That somebody listens, and since when: policy of Claims" in html


def test_without_an_answer_the_stretch_is_not_known(cast: Cast, over: Supervision) -> None:
    pressed(over, "to-listen", 60, 78, state=Command.State.UNKNOWN)
    html = window(cast.supervisor).get(f"/activity/supervisions/{over.pk}/").content.decode()
    assert "Not known from 12:01:00 to 12:01:20" in html
    assert 'data-hearing="unknown"' in html and "url(#hatch)" in html
    assert "3 parts" in text_of(page(cast.supervisor), f'id="sup-{over.pk}"')


def test_what_only_rang_says_why(cast: Cast) -> None:
    row = listened(cast.supervisor)
    fields = {"state": "failed", "reason": "timeout", "calling_at": at(2), "ended_at": at(27)}
    Supervision.objects.filter(pk=row.pk).update(**fields)
    said = text_of(page(cast.supervisor), f'id="sup-{row.pk}"')
    assert "Rang 0:25, no answer" in said and "Nobody, not joined" in said and "0:00" in said


def test_what_was_forgotten_is_known_by_the_record_and_the_log(cast: Cast, over: Supervision) -> None:
    from supervision.retention import forget

    forget(timezone.now() + timedelta(days=1000))
    InboxEvent.objects.all().delete()
    row = text_of(page(cast.colleague), f'id="sup-{over.pk}"')
    assert "Listen 0:30, barge 0:39" in row
    html = window(cast.colleague).get(f"/activity/supervisions/{over.pk}/").content.decode()
    assert "an event that was deleted since" in html


def test_without_knowing_who_was_there_nothing_is_claimed(cast: Cast, over: Supervision) -> None:
    Participant.objects.all().delete()
    assert "Not known" in text_of(page(cast.colleague), f'id="sup-{over.pk}"')
    html = window(cast.colleague).get(f"/activity/supervisions/{over.pk}/").content.decode()
    assert "Who else was there is not known." in html


# --- filters --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("q=dana", True),
        ("q=priya", True),
        ("q=0188", True),
        ("q=617555", False),
        ("q=4499", False),
        ("who=luis", False),
        ("conference=3307", True),
        (f"call={CONFERENCE}", True),
        ("call=another", False),
        ("mode=barge", True),
        ("mode=whisper", False),
        ("outcome=ended", True),
        ("outcome=running", False),
        ("outcome=rang", False),
        ("since=2026-11-23&until=2026-11-23", True),
        ("until=2026-11-22", False),
    ],
)
def test_filters_find_supervisions(cast: Cast, over: Supervision, query: str, there: bool) -> None:
    html = page(cast.supervisor, f"?days=all&{query}")
    assert (f'id="sup-{over.pk}"' in html) == there
    assert ("Clear filters" in html) == (not there)


def test_today_is_what_is_shown_first(cast: Cast, over: Supervision) -> None:
    assert "Nobody listened today" in page(cast.supervisor, "")
    Supervision.objects.filter(pk=over.pk).update(ended_at=timezone.now())
    assert f'id="sup-{over.pk}"' in page(cast.supervisor, "")


@pytest.mark.parametrize(
    ("state", "outcome", "said"),
    [
        ("accepted", "accepted", "Accepted, 0.4 s"),
        ("unknown", "unknown", "Not known"),
        ("refused", "refused", "Refused, your role"),
        ("failed", "failed", "Failed, your role"),
    ],
)
def test_commands_say_their_outcome(
    cast: Cast, over: Supervision, state: str, outcome: str, said: str
) -> None:
    reason = "" if state == "accepted" else "your role may not do this any more"
    command = pressed(over, "to-listen", 60, 60.4, state=state, reason=reason)
    html = page(cast.supervisor, f"?view=commands&days=all&outcome={outcome}")
    assert said in text_of(html, f'id="cmd-{command.pk}"')
    assert f'id="cmd-{command.pk}"' not in page(cast.supervisor, "?view=commands&days=all&outcome=done")


def test_pages_hold_fifty(cast: Cast, over: Supervision) -> None:
    for number in range(60):
        pressed(over, "to-listen", 100 + number, 100.2 + number)
    first, second = (page(cast.supervisor, f"?view=commands&days=all&page={n}") for n in (1, 2))
    assert (first.count('id="cmd-'), second.count('id="cmd-')) == (50, 12)
    assert "51–62 of 62 on screen" in second
    assert "There is no page 9" in page(cast.supervisor, "?view=commands&days=all&page=9")


@pytest.mark.parametrize("query", ["days=never&page=x&since=2026-99-99&mode=shout", "q=%00", "page=99999999"])
def test_what_cannot_be_is_as_if_it_were_not_there(cast: Cast, query: str) -> None:
    page(cast.supervisor, f"?{query}")


# --- who may see it -------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", ["", "supervisions/{}/", "supervisions/{}/pane"])
def test_agents_and_strangers_may_not(cast: Cast, over: Supervision, place: str) -> None:
    for who in (cast.agent, cast.stranger):
        assert window(who).get(f"/activity/{place.format(over.pk)}").status_code == 403
    assert Client().get(f"/activity/{place.format(over.pk)}").status_code == 302


@pytest.mark.engines
def test_a_team_sees_what_is_theirs(cast: Cast, over: Supervision) -> None:
    tell(people(OTHER, SELLING_AGENT))
    theirs = listened(cast.colleague, OTHER, "Sales 4412", state="failed", ended_at=at(9), reason="busy")
    mine, foreign = pressed(theirs, "listen", 5, 5.2), Command.objects.get(action="to-barge")
    settled(cast.colleague, "targets", "targets", f"queue:{SALES}", SALES).save()
    settled(cast.colleague, "targets", "targets", "queue:Claims", "Claims").save()
    html = page(cast.seller)
    assert f'id="sup-{theirs.pk}"' in html and f'id="sup-{over.pk}"' not in html
    assert "Claims 3307" not in html and "Dana Whitfield" not in html
    html = page(cast.seller, "?view=commands&days=all")
    assert f'id="cmd-{mine.pk}"' in html and f'id="cmd-{foreign.pk}"' not in html
    assert html.count('id="cmd-') == 2 and 'class="n">2<' in html
    assert window(cast.seller).get(f"/activity/supervisions/{over.pk}/").status_code == 404
    assert window(cast.seller).get(f"/activity/supervisions/{theirs.pk}/").status_code == 200
    assert page(cast.supervisor, "?view=commands&days=all").count('id="cmd-') == 5


def test_navigation_leads_there_for_supervisors_alone(cast: Cast) -> None:
    assert 'href="/activity/"' in window(cast.supervisor).get("/queues/").content.decode()
    assert 'href="/activity/"' in window(cast.admin).get("/queues/").content.decode()
    assert 'href="/activity/"' not in window(cast.agent).get("/queues/").content.decode()


def test_a_conference_leads_to_who_listened(cast: Cast, over: Supervision) -> None:
    html = window(cast.supervisor).get(f"/conferences/{CONFERENCE}/").content.decode()
    assert f'href="/activity/?call={CONFERENCE}&amp;days=all"' in html


def test_nothing_can_be_changed(cast: Cast, over: Supervision) -> None:
    for path in ("/activity/", f"/activity/supervisions/{over.pk}/"):
        assert window(cast.admin).post(path).status_code == 405


# --- as a file ------------------------------------------------------------------------------------------
def taken(who: User, form: str, query: str = ALL) -> Any:
    return window(who).post(f"/activity/export{query}", {"form": form})


def test_the_rows_are_taken_away_and_that_is_an_entry(cast: Cast, over: Supervision) -> None:
    answer = taken(cast.supervisor, "csv")
    (row,) = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert (row["from"], row["who"], row["modes"]) == (
        "2026-11-23T12:00:10.000Z",
        "Dana Whitfield",
        "Listen 0:30, barge 0:39",
    )
    assert (row["to_whom"], row["seconds"], row["right"]) == ("Priya Nair", "70", "Supervisor, all teams")
    rows = json.loads(taken(cast.supervisor, "json", "?view=commands&days=all").content)
    assert (rows[0]["what"], rows[0]["on_whom"]) == ("Export", "supervision as CSV, All days")
    entry = Command.objects.filter(action="export").last()
    assert entry is not None and entry.detail == {"form": "csv", "rows": 1}


def test_a_file_holds_what_the_filters_leave_and_no_more(cast: Cast, over: Supervision) -> None:
    assert json.loads(taken(cast.supervisor, "json", "?days=all&who=luis").content) == []
    assert json.loads(taken(cast.seller, "json").content) == []
    assert taken(cast.supervisor, "xlsx").status_code == 404
    assert taken(cast.agent, "csv").status_code == 403


def test_the_policy_is_the_teams(cast: Cast, over: Supervision) -> None:
    Team.objects.filter(name="Claims").update(tells_agents="nothing")
    html = window(cast.supervisor).get(f"/activity/supervisions/{over.pk}/").content.decode()
    assert "Nothing while nobody can be heard: policy of Claims" in html
