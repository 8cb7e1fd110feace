"""What Telnyx itself says of one person at this moment, in words, for who doubts what the page shows."""

from conferences.models import Participant
from dashboard.asking import at, words, yes
from telephony.client import client

Told = list[tuple[str, str]]


def person(stay: Participant) -> Told:
    """The participant and the call. Raises `TelnyxError`."""
    telnyx, leg = client(), stay.call_control_id
    found = (
        telnyx.retrieve_participant(stay.conference_id, stay.participant_id) if stay.participant_id else {}
    )
    call = telnyx.retrieve_call(leg)
    told = [
        ("In the conference", words(found.get("status"))),
        ("Muted", yes(found.get("muted"))),
        ("On hold", yes(found.get("on_hold"))),
        ("Everybody is hung up when they leave", yes(found.get("end_conference_on_exit"))),
        ("The conference ends when they leave", yes(found.get("soft_end_conference_on_exit"))),
        ("Name at Telnyx", words(found.get("label"))),
        ("Changed", at(found.get("updated_at"))),
        ("The call lives", yes(call.get("is_alive"))),
        ("Call since", at(call.get("start_time"))),
    ]
    return [(name, text) for name, text in told if text]
