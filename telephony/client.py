"""What we say to Telnyx: one method per operation of its Voice API, nothing but the request and its answer.

    api_conferences.py        conferences, participants, roles, mute and hold
    api_conference_sound.py   play, speak, digits, recording
    api_queues.py             queues and the calls in them
    api_calls.py              dial, answer, bridge, hang up, enqueue
    api_recordings.py         recordings
    api_account.py            the application, live calls, webhook deliveries

Everything optional is None where it is not sent.

Every method raises, and only raises, what this tree says (each with Telnyx's code, title and detail, the
HTTP status, and `words` for people):

    TelnyxError
    ├── Unauthenticated   401: the API key is wrong
    ├── Forbidden         403: the account may not do this
    ├── NotFound          404: no such call, conference or queue (any more)
    ├── Invalid           400, 422: Telnyx refuses; trying again changes nothing
    ├── RateLimited       429: `reset` seconds to wait
    ├── Unavailable       5xx; or no connection (status 0), then it surely had no effect
    └── UnknownOutcome    sent, but no readable answer (time-out, cut, broken JSON, redirect)

A `ValueError` means that we asked for something that must never be asked. Nothing is retried here.
Reads give Telnyx's own objects (`Json`), lists to their end.
"""

import threading

from django.conf import settings

from telephony.api_account import Account
from telephony.api_calls import Calls
from telephony.api_conference_sound import ConferenceSound
from telephony.api_conferences import Conferences
from telephony.api_queues import Queues
from telephony.api_recordings import Recordings
from telephony.api_types import CommandId
from telephony.errors import (
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    TelnyxError,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from telephony.wire import Json

__all__ = [
    "CommandId",
    "Forbidden",
    "Invalid",
    "Json",
    "NotFound",
    "RateLimited",
    "TelnyxClient",
    "TelnyxError",
    "Unauthenticated",
    "Unavailable",
    "UnknownOutcome",
    "client",
    "install",
]


class TelnyxClient(Conferences, ConferenceSound, Queues, Calls, Recordings, Account):
    """Telnyx's Voice API v2. Thread-safe; one instance per process, from `client()`."""


_making = threading.Lock()
_installed: TelnyxClient | None = None


def client() -> TelnyxClient:
    """This process's one client, made from the settings at its first use."""
    global _installed
    with _making:
        if _installed is None:
            _installed = TelnyxClient(settings.TELNYX_BASE_URL, settings.TELNYX_API_KEY)
        return _installed


def install(made: TelnyxClient | None) -> None:
    """Make `client()` give this one (a simulator behind its transport); None: one from the settings again."""
    global _installed
    with _making:
        _installed = made
