"""What of the activity somebody may see: that of their teams’ conferences, calls, queues, recordings."""

import re

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, Length, Substr

from bridged_calls.models import BridgedCall, BridgedLeg
from conferences.models import Conference
from dashboard.models import Command, User
from dashboard.scope import Scope, queue_names
from recordings.models import Recording
from supervision.models import Supervision

_BRIDGED = re.compile(r"b-([0-9]{1,18})")
# `supervision:<conference>:<its own number>`
_BEFORE, _AFTER = len("supervision:"), len(":") + 36
# What was done here by somebody and concerns no conference: lists, calls to one's own phone, wallboards.
_HERE = Q(subject__startswith="phone:") | Q(subject__startswith="wallboard:")
_OWN = Q(subject__in=["activity", "recordings"]) | _HERE


def supervisions_within(scope: Scope) -> QuerySet[Supervision]:
    if scope is None:
        return Supervision.objects.all()
    seen, calls = Conference.objects.within(scope), BridgedCall.objects.within(scope)
    return Supervision.objects.filter(
        Exists(seen.filter(pk=OuterRef("conference_id")))
        | (~Q(bridged_stay="") & Exists(calls.filter(legs__opened_by=OuterRef("bridged_stay"))))
    )


def commands_within(scope: Scope) -> QuerySet[Command]:
    """The log of what was pressed on what these teams see, and of what their people took away.

    Asked of each command, not of each conference: the days that are looked at are few.
    """
    if scope is None:
        return Command.objects.all()
    subject = OuterRef("subject")
    of_supervision = Substr(subject, _BEFORE + 1, Length(subject) - _BEFORE - _AFTER)
    seen = Conference.objects.within(scope)
    named: CharField[str, str] = CharField()
    queue = queue_names(scope).annotate(about=Concat(Value("queue:"), "queue_name", output_field=named))
    return Command.objects.filter(
        (Q(subject__startswith="conference:") & Exists(seen.filter(pk=Substr(subject, 12))))
        | (Q(subject__startswith="supervision:") & Exists(seen.filter(pk=of_supervision)))
        | Q(subject__in=_of_calls(scope))
        | (Q(subject__startswith="bridged:") & Exists(_calls(scope)))
        | Q(subject__in=queue.values("about"))
        | (Q(subject__startswith="recording:") & Exists(_recordings(scope)))
        | (_OWN & Q(user__in=User.objects.filter(teams__in=scope).values("pk")))
    )


def _of_calls(scope: Scope) -> list[str]:
    """The subjects of presses on supervisions of bridged calls, which do not name the call."""
    on_calls = supervisions_within(scope).exclude(bridged_stay="")
    return [row.subject for row in on_calls]


def _calls(scope: Scope) -> QuerySet[BridgedCall]:
    text: CharField[str, str] = CharField()
    about = Concat(Value("bridged:"), Cast("pk", text), output_field=text)
    return BridgedCall.objects.within(scope).annotate(about=about).filter(about=OuterRef("subject"))


def _recordings(scope: Scope) -> QuerySet[Recording]:
    return Recording.objects.within(scope).filter(recording_id=Substr(OuterRef("subject"), 11))


# --- about one call ----------------------------------------------------------------------------------------
def supervisions_of(call: str) -> Q:
    """Of a conference by its id, or of a bridged call by its key on pages: `b-12`."""
    number = _bridged(call)
    if number is None:
        return Q(conference_id=call)
    return Q(bridged_stay__in=BridgedLeg.objects.filter(call=number).values("opened_by"))


def commands_of(call: str) -> Q:
    """The presses on the same, those on its supervisions included."""
    number = _bridged(call)
    if number is None:
        return Q(subject=f"conference:{call}") | Q(subject__startswith=f"supervision:{call}:")
    supervised = Supervision.objects.filter(supervisions_of(call)).values_list("pk", flat=True)
    return Q(subject__in=[f"bridged:{number}", *(f"supervision:bridged:{pk}" for pk in supervised)])


def _bridged(call: str) -> int | None:
    found = _BRIDGED.fullmatch(call)
    return int(found[1]) if found else None
