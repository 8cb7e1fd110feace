"""Call legs: /calls and the actions on one. A leg is named by its call control id.

`client_state` is base64 and comes back in the leg's webhooks.
Source: Telnyx's API reference, "Call Commands".
"""

from collections.abc import Sequence
from typing import Unpack

from telephony.api_base import Api, exclusive, one_of, path_of
from telephony.api_types import (
    AnswerOptions,
    BridgeOptions,
    CallSupervisorRole,
    CommandId,
    ConferenceConfig,
    DialOptions,
    Header,
)
from telephony.wire import Json


class Calls(Api):
    def dial(
        self,
        to: str | Sequence[str],
        from_: str,
        connection_id: str,
        command_id: CommandId,
        *,
        conference_config: ConferenceConfig | None = None,
        supervise_call_control_id: str | None = None,
        supervisor_role: CallSupervisorRole | None = None,
        timeout_secs: int | None = None,
        time_limit_secs: int | None = None,
        from_display_name: str | None = None,
        **options: Unpack[DialOptions],
    ) -> Json:
        """POST /calls: a number in E.164 or a SIP address; of several, the first to answer has the call.

        Gives the leg (`call_control_id`, `call_leg_id`, `call_session_id`, `is_alive` false); the rest
        comes by webhook. `timeout_secs` of ringing, `time_limit_secs` of the call (30 to 14,400).
        422: no line is free (90041 to 90043), not a number (10016).
        """
        config = conference_config or {}
        exclusive(audio_url=options.get("audio_url"), media_name=options.get("media_name"))
        exclusive(id=config.get("id"), conference_name=config.get("conference_name"))
        exclusive(hold_audio_url=config.get("hold_audio_url"), hold_media_name=config.get("hold_media_name"))
        body = {
            "to": to if isinstance(to, str) else list(to),
            "from": from_,
            "connection_id": connection_id,
            "command_id": str(command_id),
            "conference_config": conference_config,
            "supervise_call_control_id": supervise_call_control_id,
            "supervisor_role": supervisor_role,
            "timeout_secs": timeout_secs,
            "time_limit_secs": time_limit_secs,
            "from_display_name": from_display_name,
        }
        return self._command("/calls", {**body, **options})

    def retrieve_call(self, call_control_id: str) -> Json:
        """GET /calls/{call_control_id}: is_alive and times, until ten minutes after its end."""
        return self._read(path_of("calls", call_control_id))

    def answer(self, call_control_id: str, command_id: CommandId, **options: Unpack[AnswerOptions]) -> Json:
        """POST /calls/{call_control_id}/actions/answer: first of all commands to an incoming call.

        call.answered follows. The answer has `recording_id` where recording begins with it.
        """
        return self._call(call_control_id, "answer", command_id=str(command_id), **options)

    def bridge(
        self,
        call_control_id: str,
        command_id: CommandId,
        *,
        other_call_control_id: str | None = None,
        queue: str | None = None,
        **options: Unpack[BridgeOptions],
    ) -> Json:
        """POST /calls/{call_control_id}/actions/bridge: with one of a leg, the first of a queue, a room.

        The first of the queue leaves it whether or not the two are connected. call.bridged follows for
        both. Refused when the queue is empty. Telnyx's document requires the leg beside the queue, and
        says that they exclude each other; its guide sends the queue alone, as we do.
        """
        room = options.get("video_room_id")
        one_of(other_call_control_id=other_call_control_id, queue=queue, video_room_id=room)
        return self._call(
            call_control_id,
            "bridge",
            command_id=str(command_id),
            call_control_id=other_call_control_id,
            queue=queue,
            **options,
        )

    def hangup(
        self,
        call_control_id: str,
        command_id: CommandId,
        *,
        client_state: str | None = None,
        custom_headers: Sequence[Header] | None = None,
    ) -> Json:
        """POST /calls/{call_control_id}/actions/hangup. call.hangup follows."""
        return self._call(
            call_control_id,
            "hangup",
            command_id=str(command_id),
            client_state=client_state,
            custom_headers=custom_headers,
        )

    def switch_supervisor_role(self, call_control_id: str, role: CallSupervisorRole) -> Json:
        """POST /calls/{call_control_id}/actions/switch_supervisor_role: of a leg that supervises a call."""
        return self._call(call_control_id, "switch_supervisor_role", role=role)

    def enqueue(
        self,
        call_control_id: str,
        queue_name: str,
        command_id: CommandId,
        *,
        max_size: int | None = None,
        max_wait_time_secs: int | None = None,
        keep_after_hangup: bool | None = None,
        client_state: str | None = None,
    ) -> Json:
        """POST /calls/{call_control_id}/actions/enqueue: put last in the queue, which is made if need be.

        `max_size` is of a queue that is made (100 where not sent) and refused for another (90037).
        call.enqueued follows. 422: full (90036), in a queue already (90038).
        """
        return self._call(
            call_control_id,
            "enqueue",
            queue_name=queue_name,
            command_id=str(command_id),
            max_size=max_size,
            max_wait_time_secs=max_wait_time_secs,
            keep_after_hangup=keep_after_hangup,
            client_state=client_state,
        )

    def leave_queue(
        self, call_control_id: str, command_id: CommandId, *, client_state: str | None = None
    ) -> Json:
        """POST /calls/{call_control_id}/actions/leave_queue: parked, and goes on costing. 422: in no queue
        (90035)."""
        return self._call(
            call_control_id, "leave_queue", command_id=str(command_id), client_state=client_state
        )
