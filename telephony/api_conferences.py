"""Conferences and who is in them: /conferences, /conferences/{id}/participants and the actions on people.

Ids: `conference_id` is Telnyx's UUID, `participant_id` that of a participant, or its label. What a command
answers is only that it was accepted; mute, hold, roles and exit switches are announced by no webhook.
Source: Telnyx's API reference, "Conference Commands".
"""

from collections.abc import Sequence
from datetime import datetime

from telephony.api_base import Api, asked, exclusive, named, path_of
from telephony.api_types import Beep, CommandId, ConferenceStatus, EventKind, Product, Region, SupervisorRole
from telephony.wire import Json


class Conferences(Api):
    # --- what is ---------------------------------------------------------------------------------------
    def list_conferences(
        self,
        status: ConferenceStatus | None = None,
        name: str | None = None,
        *,
        connection_id: str | None = None,
        region: Region | None = None,
        application_name: str | None = None,
        application_session_id: str | None = None,
        leg_id: str | None = None,
        failed: bool | None = None,
        from_: str | None = None,
        to: str | None = None,
        occurred_since: datetime | None = None,
        occurred_until: datetime | None = None,
        outbound_voice_profile_id: str | None = None,
        product: Product | None = None,
        type_: EventKind | None = None,
    ) -> list[Json]:
        """GET /conferences: of the whole account, so only those of our connection id are ours.

        `name` is exact, `application_name` a part of it; times are aware. Telnyx has the filters after
        `region` in common with its other lists, and documents no effect of theirs on conferences.
        """
        wanted = {
            "filter[status]": status,
            "filter[name]": name,
            "filter[connection_id]": connection_id,
            "filter[application_name][contains]": application_name,
            "filter[application_session_id]": application_session_id,
            "filter[leg_id]": leg_id,
            "filter[failed]": failed,
            "filter[from]": from_,
            "filter[to]": to,
            "filter[occurred_at][gte]": occurred_since,
            "filter[occurred_at][lte]": occurred_until,
            "filter[outbound.outbound_voice_profile_id]": outbound_voice_profile_id,
            "filter[product]": product,
            "filter[type]": type_,
            "region": region,
        }
        return self._list("/conferences", asked(wanted))

    def retrieve_conference(self, conference_id: str, *, region: Region | None = None) -> Json:
        """GET /conferences/{id}: its name, status, region, expires_at, end_reason, ended_by."""
        return self._read(path_of("conferences", conference_id), asked({"region": region}))

    def list_participants(
        self,
        conference_id: str,
        *,
        muted: bool | None = None,
        on_hold: bool | None = None,
        whispering: bool | None = None,
        region: Region | None = None,
    ) -> list[Json]:
        """GET /conferences/{conference_id}/participants: muted and on_hold, also those who left."""
        wanted = {
            "filter[muted]": muted,
            "filter[on_hold]": on_hold,
            "filter[whispering]": whispering,
            "region": region,
        }
        return self._list(path_of("conferences", conference_id, "participants"), asked(wanted))

    def retrieve_participant(self, conference_id: str, participant_id: str) -> Json:
        """GET /conferences/{id}/participants/{participant_id}: with `conference_id` and `label`, where
        the list has `conference{id, name}`."""
        return self._read(path_of("conferences", conference_id, "participants", participant_id))

    # --- what shall be -----------------------------------------------------------------------------------
    def create_conference(
        self,
        call_control_id: str,
        name: str,
        command_id: CommandId,
        *,
        beep_enabled: Beep | None = None,
        comfort_noise: bool | None = None,
        duration_minutes: int | None = None,
        hold_audio_url: str | None = None,
        hold_media_name: str | None = None,
        max_participants: int | None = None,
        region: Region | None = None,
        start_conference_on_create: bool | None = None,
        client_state: str | None = None,
    ) -> Json:
        """POST /conferences: a new one with this answered leg in it; gives the conference (200).

        `max_participants` 2 to 800 (250 where not sent). Hold music is heard only until the conference
        starts. `client_state` (base64) is in every webhook of it. 422: the name is in use (90033).
        """
        exclusive(hold_audio_url=hold_audio_url, hold_media_name=hold_media_name)
        body = {
            "call_control_id": call_control_id,
            "name": name,
            "command_id": str(command_id),
            "beep_enabled": beep_enabled,
            "comfort_noise": comfort_noise,
            "duration_minutes": duration_minutes,
            "hold_audio_url": hold_audio_url,
            "hold_media_name": hold_media_name,
            "max_participants": max_participants,
            "region": region,
            "start_conference_on_create": start_conference_on_create,
            "client_state": client_state,
        }
        return self._command("/conferences", body)

    def join_conference(
        self,
        conference_id: str,
        call_control_id: str,
        command_id: CommandId,
        *,
        beep_enabled: Beep | None = None,
        client_state: str | None = None,
        end_conference_on_exit: bool | None = None,
        soft_end_conference_on_exit: bool | None = None,
        hold: bool | None = None,
        hold_audio_url: str | None = None,
        hold_media_name: str | None = None,
        mute: bool | None = None,
        region: Region | None = None,
        start_conference_on_enter: bool | None = None,
        supervisor_role: SupervisorRole | None = None,
        whisper_call_control_ids: Sequence[str] | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/join. A whisperer who is given nobody only listens.

        conference.participant.joined follows. 422: full (90032), twice (90044), not answered (90034).
        """
        exclusive(hold_audio_url=hold_audio_url, hold_media_name=hold_media_name)
        return self._conference(
            conference_id,
            "join",
            call_control_id=call_control_id,
            command_id=str(command_id),
            beep_enabled=beep_enabled,
            client_state=client_state,
            end_conference_on_exit=end_conference_on_exit,
            soft_end_conference_on_exit=soft_end_conference_on_exit,
            hold=hold,
            hold_audio_url=hold_audio_url,
            hold_media_name=hold_media_name,
            mute=mute,
            region=region,
            start_conference_on_enter=start_conference_on_enter,
            supervisor_role=supervisor_role,
            whisper_call_control_ids=_listed(whisper_call_control_ids),
        )

    def leave_conference(
        self,
        conference_id: str,
        call_control_id: str,
        command_id: CommandId,
        *,
        beep_enabled: Beep | None = None,
        region: Region | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/leave. The leg is parked, not hung up, and goes on costing."""
        return self._conference(
            conference_id,
            "leave",
            call_control_id=call_control_id,
            command_id=str(command_id),
            beep_enabled=beep_enabled,
            region=region,
        )

    def update_role(
        self,
        conference_id: str,
        call_control_id: str,
        supervisor_role: SupervisorRole,
        command_id: CommandId,
        *,
        whisper_call_control_ids: Sequence[str] | None = None,
        region: Region | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/update: who hears this leg. No read tells the role."""
        return self._conference(
            conference_id,
            "update",
            call_control_id=call_control_id,
            supervisor_role=supervisor_role,
            command_id=str(command_id),
            whisper_call_control_ids=_listed(whisper_call_control_ids),
            region=region,
        )

    def update_participant(
        self,
        conference_id: str,
        participant_id: str,
        *,
        beep_enabled: Beep | None = None,
        end_conference_on_exit: bool | None = None,
        soft_end_conference_on_exit: bool | None = None,
    ) -> Json:
        """PATCH /conferences/{id}/participants/{participant_id}; gives the participant. No webhook."""
        body = {
            "beep_enabled": beep_enabled,
            "end_conference_on_exit": end_conference_on_exit,
            "soft_end_conference_on_exit": soft_end_conference_on_exit,
        }
        where = path_of("conferences", conference_id, "participants", participant_id)
        return self._command(where, body, method="PATCH")

    def mute(
        self, conference_id: str, call_control_ids: Sequence[str], *, region: Region | None = None
    ) -> Json:
        """POST /conferences/{id}/actions/mute. Announced by no webhook."""
        return self._conference(
            conference_id, "mute", call_control_ids=named(call_control_ids), region=region
        )

    def unmute(
        self, conference_id: str, call_control_ids: Sequence[str], *, region: Region | None = None
    ) -> Json:
        """POST /conferences/{id}/actions/unmute. Announced by no webhook."""
        return self._conference(
            conference_id, "unmute", call_control_ids=named(call_control_ids), region=region
        )

    def hold(
        self,
        conference_id: str,
        call_control_ids: Sequence[str],
        *,
        audio_url: str | None = None,
        media_name: str | None = None,
        region: Region | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/hold, with music or in silence. Announced by no webhook."""
        exclusive(audio_url=audio_url, media_name=media_name)
        return self._conference(
            conference_id,
            "hold",
            call_control_ids=named(call_control_ids),
            audio_url=audio_url,
            media_name=media_name,
            region=region,
        )

    def unhold(
        self, conference_id: str, call_control_ids: Sequence[str], *, region: Region | None = None
    ) -> Json:
        """POST /conferences/{id}/actions/unhold. Announced by no webhook."""
        return self._conference(
            conference_id, "unhold", call_control_ids=named(call_control_ids), region=region
        )

    def end_conference(self, conference_id: str, command_id: CommandId) -> Json:
        """POST /conferences/{id}/actions/end (a UUID, never a name). Hangs everybody up."""
        return self._conference(conference_id, "end", command_id=str(command_id))


def _listed(call_control_ids: Sequence[str] | None) -> list[str] | None:
    """An empty list is sent: it takes everybody from whom a whisperer is heard by."""
    return None if call_control_ids is None else list(call_control_ids)
