"""What can be done to wallboards. Telnyx knows none of them, so each press is done at once, and logged."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict

from dashboard.commands import LOGGED, Refused, require, settled
from dashboard.models import User
from dashboard.pokes import poke
from dashboard.roles import Action
from dashboard.verbs import first_error
from queues.commands import visible as visible_queues
from queues.models import Queue
from telephony.projection import Change
from wallboards.models import Row, Shelf, Wallboard
from wallboards.options import Look

LIST: Change = ("wallboards", "")
MAKE, CHANGE, DELETE = "make-wallboard", "change-wallboard", "delete-wallboard"


def visible(user: User) -> QuerySet[Wallboard]:
    """The wallboards that have a queue which this person sees; every page finds its own here."""
    found = Wallboard.objects.within(user.scope)
    return found if user.may(Action.SEE_QUEUES) else found.none()


def changeable(user: User) -> QuerySet[Wallboard]:
    """Those that this person may change: they see every queue of it."""
    found = Wallboard.objects.wholly_within(user.scope)
    return found if user.may(Action.MANAGE_WALLBOARDS) else found.none()


def read(user: User, posted: QueryDict) -> dict[str, Any]:
    """What the editor posted. Raises `Refused` in the words of the first field that is wrong."""
    require(user, Action.MANAGE_WALLBOARDS)
    form = Look(posted, list(visible_queues(user)))
    if not form.is_valid():
        raise Refused(400, "Wallboard: nothing was saved.", first_error(form))
    return form.cleaned_data


def make(user: User, posted: QueryDict) -> Wallboard:
    """A new wallboard. Raises `Refused`."""
    wanted = read(user, posted)
    with transaction.atomic():
        _refuse_taken(wanted["name"])
        board = Wallboard()
        _write(board, wanted)
        _log(user, MAKE, board, {})
    return board


def change(user: User, pk: int, posted: QueryDict) -> Wallboard:
    """Save what the editor shows; the page must have seen the newest. Raises `Refused`."""
    wanted = read(user, posted)
    with transaction.atomic():
        board = _locked(user, pk)
        if posted.get("seen") != str(board.version):
            raise Refused(409, "This changed while you pressed.", "Load the page again. Nothing was saved.")
        _refuse_taken(wanted["name"], but=board)
        before = _told(board)
        board.version += 1 + _leaving(board, wanted["queues"])
        _write(board, wanted)
        changes = {name: [before[name], now] for name, now in _told(board).items() if now != before[name]}
        _log(user, CHANGE, board, {"changes": changes})
    return board


def delete(user: User, pk: int) -> None:
    """Screens that show it say that it was taken away. Raises `Refused`."""
    require(user, Action.MANAGE_WALLBOARDS)
    with transaction.atomic():
        board = _locked(user, pk)
        _log(user, DELETE, board, {})
        board.delete()


def _locked(user: User, pk: int) -> Wallboard:
    board = changeable(user).filter(pk=pk).first()
    if board is None:
        raise Refused(404, "There is no such wallboard.", "Load the page again. Nothing was saved.")
    return Wallboard.objects.select_for_update().get(pk=board.pk)


def _refuse_taken(name: str, but: Wallboard | None = None) -> None:
    others = Wallboard.objects.exclude(pk=but.pk) if but else Wallboard.objects.all()
    if others.filter(name=name).exists():
        raise Refused(409, f"There is a wallboard {name} already.", "Choose another name. Nothing was saved.")


def _leaving(board: Wallboard, kept: list[int]) -> int:
    """The versions of the queues that leave it: without them the sum that is its version would become less.
    They are locked, so that none grows until the new sum counts."""
    old = board.rows.exclude(queue__in=kept).values_list("queue", flat=True)
    return sum(queue.version for queue in Queue.objects.filter(pk__in=list(old)).select_for_update())


def _write(board: Wallboard, wanted: dict[str, Any]) -> None:
    for name in ("name", "layout", "theme", "shows_callers", "metrics"):
        setattr(board, name, wanted[name])
    board.save()
    board.rows.all().delete()
    Row.objects.bulk_create(
        Row(wallboard=board, queue_id=queue, place=place)
        for place, queue in enumerate(wanted["queues"], start=1)
    )


def _told(board: Wallboard) -> dict[str, Any]:
    """What the log says of it."""
    fields = ("name", "layout", "theme", "shows_callers", "metrics")
    told = {name: getattr(board, name) for name in fields}
    return told | {"queues": [queue.name for queue in board.queues]}


def _log(user: User, action: str, board: Wallboard, detail: dict[str, Any]) -> None:
    subject, right = f"wallboard:{board.pk}", Action.MANAGE_WALLBOARDS.value
    entry = settled(user, action, "wallboard", subject, board.name, permission=right, detail=detail)
    entry.save()
    Shelf.bump()
    changes = [("wallboard", str(board.pk)), LIST, LOGGED]
    transaction.on_commit(lambda: poke(changes))
