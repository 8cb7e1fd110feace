"""Every address of the API on one screen."""

from __future__ import annotations

from urllib.parse import unquote

from simulator import (
    account_api,
    application_api,
    call_api,
    call_commands,
    conference_api,
    conference_commands,
    credential_api,
    event_api,
    media,
    queue_api,
    recording_api,
)
from simulator.messages import Handler

CALL = "calls/{call_control_id}"
CONFERENCE = "conferences/{id}"
QUEUE = "queues/{queue_name}"

ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", "calls", call_api.dial),
    ("GET", CALL, call_api.retrieve),
    ("POST", f"{CALL}/actions/answer", call_api.answer),
    ("POST", f"{CALL}/actions/hangup", call_api.hangup),
    ("POST", f"{CALL}/actions/reject", call_api.reject),
    ("POST", f"{CALL}/actions/bridge", call_api.bridge),
    ("POST", f"{CALL}/actions/transfer", call_api.transfer),
    ("POST", f"{CALL}/actions/switch_supervisor_role", call_api.switch_supervisor_role),
    ("POST", f"{CALL}/actions/enqueue", call_commands.enqueue),
    ("POST", f"{CALL}/actions/leave_queue", call_commands.leave_queue),
    ("PUT", f"{CALL}/actions/client_state_update", call_commands.client_state_update),
    ("POST", f"{CALL}/actions/playback_start", call_commands.playback_start),
    ("POST", f"{CALL}/actions/playback_stop", call_commands.playback_stop),
    ("POST", f"{CALL}/actions/speak", call_commands.speak),
    ("POST", f"{CALL}/actions/send_dtmf", call_commands.send_dtmf),
    ("POST", f"{CALL}/actions/gather_using_audio", call_commands.gather_using_audio),
    ("POST", f"{CALL}/actions/gather_using_speak", call_commands.gather_using_speak),
    ("POST", f"{CALL}/actions/record_start", call_commands.record_start),
    ("POST", f"{CALL}/actions/record_stop", call_commands.record_stop),
    ("POST", f"{CALL}/actions/record_pause", call_commands.record_pause),
    ("POST", f"{CALL}/actions/record_resume", call_commands.record_resume),
    ("GET", "conferences", conference_api.list_conferences),
    ("POST", "conferences", conference_api.create),
    ("GET", CONFERENCE, conference_api.retrieve),
    ("GET", f"{CONFERENCE}/participants", conference_api.list_participants),
    ("GET", f"{CONFERENCE}/participants/{{participant_id}}", conference_api.retrieve_participant),
    ("PATCH", f"{CONFERENCE}/participants/{{participant_id}}", conference_api.update_participant),
    ("POST", f"{CONFERENCE}/actions/end", conference_api.end),
    ("POST", f"{CONFERENCE}/actions/join", conference_api.join),
    ("POST", f"{CONFERENCE}/actions/leave", conference_api.leave),
    ("POST", f"{CONFERENCE}/actions/update", conference_api.update),
    ("POST", f"{CONFERENCE}/actions/mute", conference_commands.mute),
    ("POST", f"{CONFERENCE}/actions/unmute", conference_commands.unmute),
    ("POST", f"{CONFERENCE}/actions/hold", conference_commands.hold),
    ("POST", f"{CONFERENCE}/actions/unhold", conference_commands.unhold),
    ("POST", f"{CONFERENCE}/actions/play", conference_commands.play),
    ("POST", f"{CONFERENCE}/actions/stop", conference_commands.stop),
    ("POST", f"{CONFERENCE}/actions/speak", conference_commands.speak),
    ("POST", f"{CONFERENCE}/actions/record_start", conference_commands.record_start),
    ("POST", f"{CONFERENCE}/actions/record_stop", conference_commands.record_stop),
    ("POST", f"{CONFERENCE}/actions/record_pause", conference_commands.record_pause),
    ("POST", f"{CONFERENCE}/actions/record_resume", conference_commands.record_resume),
    ("POST", f"{CONFERENCE}/actions/send_dtmf", conference_commands.send_dtmf),
    ("POST", f"{CONFERENCE}/actions/gather_using_audio", conference_commands.gather_using_audio),
    ("GET", "queues", queue_api.list_queues),
    ("POST", "queues", queue_api.create),
    ("GET", QUEUE, queue_api.retrieve),
    ("POST", QUEUE, queue_api.update),
    ("DELETE", QUEUE, queue_api.delete),
    ("GET", f"{QUEUE}/calls", queue_api.list_calls),
    ("GET", f"{QUEUE}/calls/{{call_control_id}}", queue_api.retrieve_call),
    ("PATCH", f"{QUEUE}/calls/{{call_control_id}}", queue_api.update_call),
    ("DELETE", f"{QUEUE}/calls/{{call_control_id}}", queue_api.remove_call),
    ("GET", "recordings", recording_api.list_recordings),
    ("POST", "recordings/actions/delete", recording_api.delete_many),
    ("GET", "recordings/{recording_id}", recording_api.retrieve),
    ("DELETE", "recordings/{recording_id}", recording_api.delete),
    ("GET", "call_control_applications", application_api.list_all),
    ("POST", "call_control_applications", application_api.create),
    ("GET", "call_control_applications/{id}", application_api.retrieve),
    ("PATCH", "call_control_applications/{id}", application_api.update),
    ("DELETE", "call_control_applications/{id}", application_api.delete),
    ("GET", "call_events", event_api.list_events),
    ("GET", "media", media.list_all),
    ("POST", "media", media.upload),
    ("GET", "media/{media_name}", media.retrieve),
    ("DELETE", "media/{media_name}", media.delete),
    ("GET", "connections/{connection_id}/active_calls", account_api.list_active_calls),
    ("GET", "webhook_deliveries", account_api.list_deliveries),
    ("GET", "webhook_deliveries/{id}", account_api.retrieve_delivery),
    ("GET", "telephony_credentials", credential_api.list_credentials),
    ("POST", "telephony_credentials", credential_api.create),
    ("GET", "telephony_credentials/{id}", credential_api.retrieve),
    ("PATCH", "telephony_credentials/{id}", credential_api.update),
    ("DELETE", "telephony_credentials/{id}", credential_api.delete),
    ("POST", "telephony_credentials/{id}/token", credential_api.make_token),
]

_TABLE = [(method, pattern.split("/"), handler) for method, pattern, handler in ROUTES]


def find(method: str, raw_path: str) -> tuple[Handler, dict[str, str]] | None:
    """The handler of `/v2/…`, with the path's parts unescaped after it was split: an id may hold a slash."""
    parts = raw_path.removeprefix("/v2/").rstrip("/").split("/")
    for wanted, pattern, handler in _TABLE:
        if wanted == method and len(pattern) == len(parts):
            names = _matched(pattern, parts)
            if names is not None:
                return handler, names
    return None


def _matched(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    names: dict[str, str] = {}
    for expected, part in zip(pattern, parts, strict=True):
        if expected.startswith("{"):
            names[expected[1:-1]] = unquote(part)
        elif expected != part:
            return None
    return names
