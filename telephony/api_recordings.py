"""Recordings: /recordings. The addresses in `download_urls` last minutes: ask anew before each use.

Refusals here carry an HTTP status as their code ("404"). Source: Telnyx's API reference, "Call Recordings".
"""

from datetime import datetime

from telephony.api_base import Api, asked, path_of
from telephony.wire import Json


class Recordings(Api):
    def list_recordings(
        self,
        *,
        conference_id: str | None = None,
        created_since: datetime | None = None,
        created_until: datetime | None = None,
        started_since: datetime | None = None,
        started_until: datetime | None = None,
        ended_since: datetime | None = None,
        ended_until: datetime | None = None,
        from_: str | None = None,
        to: str | None = None,
        connection_id: str | None = None,
        conference_region: str | None = None,
        call_control_id: str | None = None,
        call_leg_id: str | None = None,
        call_session_id: str | None = None,
        sip_call_id: str | None = None,
    ) -> list[Json]:
        """GET /recordings: all that fit all of these. Times are aware and belong to what they bound."""
        wanted = {
            "filter[conference_id]": conference_id,
            "filter[created_at][gte]": created_since,
            "filter[created_at][lte]": created_until,
            "filter[start_time][gte]": started_since,
            "filter[start_time][lte]": started_until,
            "filter[end_time][gte]": ended_since,
            "filter[end_time][lte]": ended_until,
            "filter[from]": from_,
            "filter[to]": to,
            "filter[connection_id]": connection_id,
            "filter[conference_region]": conference_region,
            "filter[call_control_id]": call_control_id,
            "filter[call_leg_id]": call_leg_id,
            "filter[call_session_id]": call_session_id,
            "filter[sip_call_id]": sip_call_id,
        }
        return self._list("/recordings", asked(wanted))

    def retrieve_recording(self, recording_id: str) -> Json:
        """GET /recordings/{recording_id}: duration_millis, channels, and fresh download_urls{mp3|wav}."""
        return self._read(path_of("recordings", recording_id))

    def delete_recording(self, recording_id: str) -> Json:
        """DELETE /recordings/{recording_id}; gives the recording that is no more (200). 404: gone before."""
        return self._delete(path_of("recordings", recording_id))
