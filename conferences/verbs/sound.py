"""Audio, speech and digits: to everybody in a conference, or to chosen people (the legs that are named)."""

from typing import Any

from conferences.options import sound
from dashboard.models import Command
from dashboard.roles import Action
from dashboard.verbs import Verb, options
from telephony.client import TelnyxClient
from telephony.wire import Json


def _chosen(command: Command) -> dict[str, Any]:
    """Nobody named is everybody, to Telnyx as on the page."""
    return options(command) | {"call_control_ids": command.legs or None}


def _gather(telnyx: TelnyxClient, conference_id: str, command: Command) -> Json:
    asked = {"gather_id": str(command.pk)} | options(command)
    return telnyx.gather_using_audio(conference_id, command.legs[0], **asked)


PLAY = Verb(
    family="sound",
    permission=Action.PLAY,
    noun="Play audio",
    doing="Starting",
    past="played audio to {target}",
    icon="playing",
    send=lambda telnyx, id_, command: telnyx.play(id_, **_chosen(command)),
    options=sound.Play,
    note=lambda chosen: chosen.get("media_name") or chosen.get("audio_url", "").partition("?")[0],
    repeatable=False,
)
SPEAK = Verb(
    family="sound",
    permission=Action.PLAY,
    noun="Speak text",
    doing="Starting",
    past="spoke to {target}",
    icon="speech",
    send=lambda telnyx, id_, command: telnyx.speak(id_, command_id=command.pk, **_chosen(command)),
    options=sound.Speak,
    note=lambda chosen: chosen["payload"],
)
STOP = Verb(
    family="sound",
    permission=Action.PLAY,
    noun="Stop audio",
    doing="Stopping",
    past="stopped the audio to {target}",
    icon="stop",
    send=lambda telnyx, id_, command: telnyx.stop_audio(id_, **_chosen(command)),
    options=sound.Stop,
)
DIGITS = Verb(
    family="digits",
    permission=Action.DIGITS,
    noun="Send digits",
    doing="Sending",
    past="sent digits to {target}",
    icon="digits",
    send=lambda telnyx, id_, command: telnyx.send_dtmf(id_, **_chosen(command)),
    options=sound.Digits,
    note=lambda chosen: chosen["digits"],
    repeatable=False,
)
GATHER = Verb(
    family="gather",
    permission=Action.DIGITS,
    noun="Ask for digits",
    doing="Asking",
    past="asked {target} for digits",
    icon="digits",
    send=_gather,
    options=sound.Gather,
    repeatable=False,
)

# To everybody, or to those chosen under `to`.
SOUND = {"play": PLAY, "speak": SPEAK, "stop-audio": STOP, "digits": DIGITS}
# To one person.
ASKED = {"gather": GATHER}


def known_media() -> list[str]:
    """What was played lately, newest first: a field for audio completes it."""
    played = Command.objects.filter(action="play").order_by("-created_at")[:200]
    chosen = [options(command) for command in played]
    return list(dict.fromkeys(one.get("media_name") or one["audio_url"] for one in chosen))[:20]
