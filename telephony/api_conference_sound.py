"""What is heard in a conference and what is kept of it: play, speak, digits, recording.

Where `call_control_ids` may be None, None is the whole conference; an empty list is refused, because to
Telnyx that is the whole conference too. play, stop, send_dtmf and gather_using_audio have no command id:
sent twice, they are heard twice. Source: Telnyx's API reference, "Conference Commands".
"""

from collections.abc import Sequence

from telephony.api_base import Api, chosen, exclusive, one_of
from telephony.api_types import (
    CommandId,
    Infinity,
    Language,
    PayloadType,
    RecordingChannels,
    RecordingFormat,
    Region,
    Trim,
    VoiceSettings,
)
from telephony.wire import Json


class ConferenceSound(Api):
    def play(
        self,
        conference_id: str,
        *,
        audio_url: str | None = None,
        media_name: str | None = None,
        call_control_ids: Sequence[str] | None = None,
        loop: int | Infinity | None = None,
        region: Region | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/play: one of an address (WAV, MP3) and a stored name.

        `loop` 1 to 100 times, or "infinity" until stop. conference.playback.started follows, or, for
        chosen people, conference.participant.playback.started. 400: cannot be fetched (90040).
        """
        one_of(audio_url=audio_url, media_name=media_name)
        return self._conference(
            conference_id,
            "play",
            audio_url=audio_url,
            media_name=media_name,
            call_control_ids=chosen(call_control_ids),
            loop=loop,
            region=region,
        )

    def stop_audio(
        self,
        conference_id: str,
        *,
        call_control_ids: Sequence[str] | None = None,
        region: Region | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/stop: what plays or is spoken. The …ended events follow."""
        return self._conference(
            conference_id, "stop", call_control_ids=chosen(call_control_ids), region=region
        )

    def speak(
        self,
        conference_id: str,
        payload: str,
        voice: str,
        command_id: CommandId,
        *,
        payload_type: PayloadType | None = None,
        language: Language | None = None,
        voice_settings: VoiceSettings | None = None,
        call_control_ids: Sequence[str] | None = None,
        region: Region | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/speak: at most 3,000 characters, text or SSML.

        `voice` is `<Provider>.<Model>.<VoiceId>`, or a provider alone; `language` is without effect for
        AWS.Polly voices. conference.speak.started follows. 422: no such voice (90012).
        """
        return self._conference(
            conference_id,
            "speak",
            payload=payload,
            voice=voice,
            command_id=str(command_id),
            payload_type=payload_type,
            language=language,
            voice_settings=voice_settings,
            call_control_ids=chosen(call_control_ids),
            region=region,
        )

    def send_dtmf(
        self,
        conference_id: str,
        digits: str,
        *,
        call_control_ids: Sequence[str] | None = None,
        duration_millis: int | None = None,
        client_state: str | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/send_dtmf: 0-9, A-D, * and #; w waits 0.5 s, W 1 s.

        `duration_millis` of each digit, 100 to 500. No webhook. 422: other digits (90014).
        """
        return self._conference(
            conference_id,
            "send_dtmf",
            digits=digits,
            call_control_ids=chosen(call_control_ids),
            duration_millis=duration_millis,
            client_state=client_state,
        )

    def gather_using_audio(
        self,
        conference_id: str,
        call_control_id: str,
        *,
        audio_url: str | None = None,
        media_name: str | None = None,
        invalid_audio_url: str | None = None,
        invalid_media_name: str | None = None,
        gather_id: str | None = None,
        initial_timeout_millis: int | None = None,
        inter_digit_timeout_millis: int | None = None,
        minimum_digits: int | None = None,
        maximum_digits: int | None = None,
        maximum_tries: int | None = None,
        stop_playback_on_dtmf: bool | None = None,
        terminating_digit: str | None = None,
        timeout_millis: int | None = None,
        valid_digits: str | None = None,
        client_state: str | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/gather_using_audio: ask one person to key digits.

        call.gather.ended follows, with what was keyed and why it ended. `invalid_…` is played before the
        next try. Telnyx's own: 1 to 128 digits, 3 tries, 60 s, 5 s between digits, ended by "#".
        """
        exclusive(audio_url=audio_url, media_name=media_name)
        exclusive(invalid_audio_url=invalid_audio_url, invalid_media_name=invalid_media_name)
        return self._conference(
            conference_id,
            "gather_using_audio",
            call_control_id=call_control_id,
            audio_url=audio_url,
            media_name=media_name,
            invalid_audio_url=invalid_audio_url,
            invalid_media_name=invalid_media_name,
            gather_id=gather_id,
            initial_timeout_millis=initial_timeout_millis,
            inter_digit_timeout_millis=inter_digit_timeout_millis,
            minimum_digits=minimum_digits,
            maximum_digits=maximum_digits,
            maximum_tries=maximum_tries,
            stop_playback_on_dtmf=stop_playback_on_dtmf,
            terminating_digit=terminating_digit,
            timeout_millis=timeout_millis,
            valid_digits=valid_digits,
            client_state=client_state,
        )

    def record_start(
        self,
        conference_id: str,
        command_id: CommandId,
        *,
        format: RecordingFormat = "mp3",
        channels: RecordingChannels | None = None,
        play_beep: bool | None = None,
        trim: Trim | None = None,
        custom_file_name: str | None = None,
        region: Region | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/record_start. Its answer names no recording.

        `custom_file_name` 1 to 40 characters. 422: nothing has been heard yet (90020).
        """
        return self._conference(
            conference_id,
            "record_start",
            format=format,
            command_id=str(command_id),
            channels=channels,
            play_beep=play_beep,
            trim=trim,
            custom_file_name=custom_file_name,
            region=region,
        )

    def record_pause(
        self,
        conference_id: str,
        command_id: CommandId,
        *,
        recording_id: str | None = None,
        region: Region | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/record_pause. Announced by no webhook."""
        return self._conference(
            conference_id,
            "record_pause",
            command_id=str(command_id),
            recording_id=recording_id,
            region=region,
        )

    def record_resume(
        self,
        conference_id: str,
        command_id: CommandId,
        *,
        recording_id: str | None = None,
        region: Region | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/record_resume. Announced by no webhook."""
        return self._conference(
            conference_id,
            "record_resume",
            command_id=str(command_id),
            recording_id=recording_id,
            region=region,
        )

    def record_stop(
        self,
        conference_id: str,
        command_id: CommandId,
        *,
        recording_id: str | None = None,
        client_state: str | None = None,
        region: Region | None = None,
    ) -> Json:
        """POST /conferences/{id}/actions/record_stop. conference.recording.saved follows some time after."""
        return self._conference(
            conference_id,
            "record_stop",
            command_id=str(command_id),
            recording_id=recording_id,
            client_state=client_state,
            region=region,
        )
