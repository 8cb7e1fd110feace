"""What is deleted with time, as `INBOX_DAYS` and `COMMAND_DAYS` say; 0 keeps it for ever.

First who called and what was told of ended conferences and calls, a day later the events themselves: then
nothing that still stands is made of an event that is gone, and a rebuild gives the same rows.
"""

from datetime import datetime, timedelta

from django.conf import settings

import bridged_calls.retention
import conferences.retention
import queues.retention
import recordings.retention
import supervision.retention
import telephony.retention
from dashboard import command_log

A_DAY = timedelta(days=1)


def forget_some(now: datetime) -> bool:
    """Delete a chunk of each kind. True: there may be more."""
    full = []
    if settings.INBOX_DAYS:
        ended_before = now - timedelta(days=settings.INBOX_DAYS)
        full += [
            # Before the conferences': their facts tell who was recorded.
            recordings.retention.forget(ended_before) == recordings.retention.CHUNK,
            recordings.retention.forget_people(ended_before) == recordings.retention.CHUNK,
            supervision.retention.forget(ended_before) == supervision.retention.CHUNK,
            telephony.retention.forget_calls(ended_before) == telephony.retention.CHUNK,
            conferences.retention.forget(ended_before) == conferences.retention.CHUNK,
            queues.retention.forget(ended_before) == queues.retention.CHUNK,
            bridged_calls.retention.forget(ended_before) == bridged_calls.retention.CHUNK,
            telephony.retention.delete_events(ended_before - A_DAY) == telephony.retention.CHUNK,
        ]
    if settings.COMMAND_DAYS:
        before = now - timedelta(days=settings.COMMAND_DAYS)
        full.append(command_log.forget(before) == command_log.CHUNK)
    return any(full)
