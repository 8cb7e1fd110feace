"""The address of a recording's sound: asked of Telnyx anew, kept for minutes, never shown, never stored."""

import threading
import time
from collections import OrderedDict

from django.db import transaction

from recordings.models import Recording
from telephony import reads
from telephony.client import client
from telephony.clock import database_now
from telephony.errors import NotFound, TelnyxError
from telephony.wire import Json

GOOD_FOR = 300.0  # seconds; Telnyx's links last ten minutes
MOST = 256

_lock = threading.Lock()
_known: OrderedDict[str, tuple[float, str]] = OrderedDict()


class NotToBeHad(Exception):
    """The sound cannot be had; `status` is HTTP's, `title` and `text` are for people."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(title)
        self.status, self.title, self.text = status, title, text


def fresh(recording: Recording) -> str:
    """A new link from Telnyx. Raises `NotToBeHad`; when Telnyx has no such recording, that is noted."""
    try:
        told = client().retrieve_recording(recording.recording_id or "")
    except NotFound:
        _note_gone(recording)
        title = "Telnyx no longer has this recording (404)"
        raise NotToBeHad(404, title, "It was not deleted by Earshot.") from None
    except TelnyxError as problem:
        title = "The recording cannot be fetched now"
        raise NotToBeHad(502, title, f"{problem.words[:1].upper()}{problem.words[1:]}. Try again.") from None
    return _keep(recording, _address(told, recording.format))


def _address(told: Json, form: str) -> str:
    urls = told.get("download_urls")
    found = urls if isinstance(urls, dict) else {}
    address = found.get(form) or found.get("mp3") or found.get("wav")
    if not isinstance(address, str):
        raise NotToBeHad(502, "Telnyx gives no link to this recording", "It may still be being saved.")
    return address


def _keep(recording: Recording, address: str) -> str:
    with _lock:
        _known[recording.recording_id or ""] = (time.monotonic(), address)
        while len(_known) > MOST:
            _known.popitem(last=False)
    return address


def known(recording: Recording) -> str:
    """The link of a moment ago, else a new one."""
    with _lock:
        at, address = _known.get(recording.recording_id or "", (0.0, ""))
    return address if address and time.monotonic() - at < GOOD_FOR else fresh(recording)


def _note_gone(recording: Recording) -> None:
    found = {"recording_id": recording.recording_id, "conference_id": recording.conference_id, "gone": True}
    with transaction.atomic():
        reads.found("read.recording", found, database_now())
