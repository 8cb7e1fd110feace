"""Everything that people can do to a queue and to who waits in it: a table of commands.

The keys are the last part of the button's address, the `action` of the command log, and `reply.<key>` in the
inbox.
"""

import threading
from typing import cast
from uuid import NAMESPACE_OID, UUID, uuid5

from django.conf import settings

from dashboard.fields import Enqueue
from dashboard.models import Command
from dashboard.roles import Action
from dashboard.verbs import Verb, options
from queues import options as forms
from queues.models import Take
from telephony import marks
from telephony.api_types import ConferenceConfig
from telephony.client import TelnyxClient
from telephony.errors import Invalid, NotFound, TelnyxError
from telephony.wire import Json

ALREADY_QUEUED, ENDED_ALREADY = "90038", "90018"
RING = 25  # seconds that an agent's phone is called
# Seconds between the tries to join a conference that Telnyx makes as the agent answers.
FOUNDING = (0.3, 0.6)
# The action of a change of what is ours: Telnyx is told nothing, so it is none of the commands below.
TARGETS = "targets"


def _second(command: Command, what: str) -> UUID:
    """The id of a second request within one command: the same at each try."""
    return uuid5(NAMESPACE_OID, f"{command.pk} {what}")


def _enqueue(telnyx: TelnyxClient, queue: str, command: Command) -> Json:
    """Into another queue. Telnyx's documents differ on whether a call must leave its old queue for that."""
    chosen, leg = options(command), command.legs[0]
    try:
        return telnyx.enqueue(leg, command_id=command.pk, **chosen)
    except Invalid as problem:
        if problem.code != ALREADY_QUEUED or chosen["queue_name"] == queue:
            raise
    telnyx.leave_queue(leg, _second(command, "leave"))
    try:
        return telnyx.enqueue(leg, command_id=_second(command, "enqueue"), **chosen)
    except TelnyxError:
        telnyx.enqueue(leg, queue, _second(command, "back"))  # nobody is left in no queue at all
        raise


def _join(telnyx: TelnyxClient, queue: str, command: Command) -> Json:
    where = command.detail["conference_id"]
    return telnyx.join_conference(where, command.legs[0], command.pk, **options(command))


def _create(telnyx: TelnyxClient, queue: str, command: Command) -> Json:
    return telnyx.create_conference(command.legs[0], command_id=command.pk, **options(command))


def _call_agent(telnyx: TelnyxClient, queue: str, command: Command) -> Json:
    """Into a conference of their own, which Telnyx makes when they answer: never at the ringing."""
    take = Take.objects.get(pk=command.detail["take"])
    into = {"conference_name": take.conference_name, "early_media": False, "beep_enabled": "never"}
    return telnyx.dial(
        take.address,
        settings.TELNYX_FROM_NUMBER,
        settings.TELNYX_CONNECTION_ID,
        command.pk,
        conference_config=cast(ConferenceConfig, into),
        timeout_secs=RING,
        client_state=marks.write_take(str(take.pk)),
    )


def _bring_in(telnyx: TelnyxClient, queue: str, command: Command) -> Json:
    """By the conference's name: what tells its id is a webhook, which may be late."""
    where, (leg,) = command.detail["conference_name"], command.legs
    for pause in FOUNDING:
        try:
            return telnyx.join_conference(where, leg, command.pk, **options(command))
        except NotFound:
            threading.Event().wait(pause)
    return telnyx.join_conference(where, leg, command.pk, **options(command))


def _let_go(telnyx: TelnyxClient, queue: str, command: Command) -> Json:
    try:
        return telnyx.hangup(command.legs[0], command.pk)
    except Invalid as refusal:
        if refusal.code == ENDED_ALREADY:
            return {}
        raise


def _keep(telnyx: TelnyxClient, queue: str, command: Command) -> Json:
    return telnyx.update_queue_call(queue, command.legs[0], **options(command))


def _remove_inactive(telnyx: TelnyxClient, queue: str, command: Command) -> Json:
    try:
        return telnyx.remove_queue_call(queue, command.legs[0])
    except NotFound:
        return {}  # gone already: an answer may have been lost


def _delete(telnyx: TelnyxClient, queue: str, command: Command) -> Json:
    try:
        return telnyx.delete_queue(queue)
    except NotFound:
        return {}


ENQUEUE = Verb(
    family="caller",
    permission=Action.MOVE,
    noun="Move",
    doing="Moving",
    past="moved {target}",
    icon="moved",
    send=_enqueue,
    options=Enqueue,
    note=lambda chosen: f"to {chosen['queue_name']}",
)
JOIN = Verb(
    family="caller",
    permission=Action.MOVE,
    noun="Take into a conference",
    doing="Taking",
    past="took {target} into a conference",
    icon="joined",
    send=_join,
    options=forms.Join,
)
CREATE = Verb(
    family="caller",
    permission=Action.MOVE,
    noun="Take into a new conference",
    doing="Taking",
    past="took {target} into a new conference",
    icon="joined",
    send=_create,
    options=forms.Create,
    note=lambda chosen: chosen["name"],
)
CALL_AGENT = Verb(
    family="caller",
    permission=Action.MOVE,
    noun="Take to an agent",
    doing="Calling the agent",
    past="called an agent for {target}",
    icon="joined",
    send=_call_agent,
    note=lambda chosen: chosen["agent"],
)
BRING_IN = Verb(
    family="caller",
    permission=Action.MOVE,
    noun="Take to the agent",
    doing="Taking",
    past="took {target} to the agent",
    icon="joined",
    send=_bring_in,
)
LET_GO = Verb(
    family="agent",
    permission=Action.MOVE,
    noun="Hang up the agent’s phone",
    doing="Hanging up",
    past="hung up {target}’s phone",
    icon="remove",
    send=_let_go,
)
LEAVE = Verb(
    family="caller",
    permission=Action.MOVE,
    noun="Take out of the queue",
    doing="Taking out",
    past="took {target} out, the call goes on",
    icon="left",
    send=lambda telnyx, queue, command: telnyx.leave_queue(command.legs[0], command.pk),
)
REMOVE = Verb(
    family="caller",
    permission=Action.REMOVE,
    noun="Remove",
    doing="Removing",
    past="removed {target}",
    icon="remove",
    send=lambda telnyx, queue, command: telnyx.hangup(command.legs[0], command.pk),
)
KEEP = Verb(
    family="keep",
    permission=Action.MOVE,
    noun="Keep after hanging up",
    doing="Saving",
    past="changed whether {target} keeps the place after hanging up",
    icon="saved",
    send=_keep,
    options=forms.Keep,
    note=lambda chosen: "keeps it" if chosen.get("keep_after_hangup") else "loses it",
)
REMOVE_INACTIVE = Verb(
    family="caller",
    permission=Action.MOVE,
    noun="Remove inactive call",
    doing="Removing",
    past="removed the inactive call of {target}",
    icon="remove",
    send=_remove_inactive,
)
LIMIT = Verb(
    family="limit",
    permission=Action.MANAGE_QUEUES,
    noun="Most callers waiting",
    doing="Saving",
    past="changed how many may wait",
    icon="queue",
    send=lambda telnyx, queue, command: telnyx.update_queue(queue, **options(command)),
    options=forms.Limit,
    note=lambda chosen: f"{chosen['max_size']:,} callers",
)
DELETE = Verb(
    family="delete",
    permission=Action.MANAGE_QUEUES,
    noun="Delete queue",
    doing="Deleting",
    past="deleted the queue at Telnyx",
    icon="remove",
    send=_delete,
)
NEW = Verb(
    family="new",
    permission=Action.MANAGE_QUEUES,
    noun="New queue",
    doing="Making",
    past="made the queue",
    icon="queue",
    send=lambda telnyx, queue, command: telnyx.create_queue(**options(command)),
    options=forms.New,
    repeatable=False,
)

# On somebody who waits.
CALLER = {
    "enqueue": ENQUEUE,
    "join": JOIN,
    "create": CREATE,
    "leave-queue": LEAVE,
    "remove": REMOVE,
    "keep": KEEP,
}
# On a call that hung up and was kept.
INACTIVE = {"remove-inactive": REMOVE_INACTIVE}
# On somebody who waits and an agent: pressed and followed by `queues.takes`.
TAKES = {"call-agent": CALL_AGENT, "bring-in": BRING_IN, "let-go": LET_GO}
# On the queue itself.
WHOLE = {"limit": LIMIT, "delete": DELETE}
VERBS: dict[str, Verb] = {**CALLER, **INACTIVE, **TAKES, **WHOLE, "new": NEW}
