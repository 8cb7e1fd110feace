"""Fold events into queues and waiting callers: lock, remember the facts, recompute what they touch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from queues import proof, takes_projection, transitions
from queues.models import Gap, Queue, QueuedCall, this_minute
from telephony import calls, rows, stay_rows
from telephony.events import Event
from telephony.facts import moment
from telephony.projection import Change
from telephony.statements import Select
from telephony.stay_rows import Place

_PLACES = Select(
    QueuedCall,
    "call_control_id IN {} AND left_at IS NULL OR call_control_id IN {}",
    "queue__name",
    "call_control_id",
)
_STAYS = Select(QueuedCall, "queue_id IN {} AND call_control_id IN {}", order="enqueued_at, id")


def project(events: Sequence[Event]) -> set[Change]:
    """One batch of events, inside the frame's transaction. Returns which queues changed."""
    gaps = [event for event in events if event.type == transitions.GAP]
    if gaps:
        note_gaps(gaps)
    told = [fact for event in events for fact in transitions.occurrences(event)]
    relabelled = _places_of(calls.legs_named_in(events), calls.hung_up_in(events))
    names = {place[0].partition(":")[2] for place in relabelled}
    names |= set(Queue.objects.values_list("name", flat=True)) if gaps else set()
    takes = takes_projection.touched(events)
    names |= set(takes.values())
    queues = rows.locked(Queue, "name", names | {fact.subject.partition(":")[2] for fact in told})
    if not queues:
        return set()
    stay_rows.remember(told)
    for fact in told:
        transitions.fold(queues[fact.subject.partition(":")[2]], [fact])
    settle(queues, relabelled | {(fact.subject, fact.leg) for fact in told if fact.leg})
    takes_projection.settle(takes)
    proof.by_facts(queues.values(), events[-1].id)
    return {("queue", name) for name in queues}


def note_gaps(events: Sequence[Event]) -> None:
    """Keep the times of which nothing is known: they show with every queue. A rebuild takes none away."""
    found = []
    for event in events:
        since, until = moment(event.payload.get("since")), moment(event.payload.get("until"))
        if since and until:
            found.append(Gap(event=event.id, since=since, until=until))
    rows.insert(Gap, found, known=True)


def _places_of(legs: set[str], hung_up: set[str]) -> set[Place]:
    """Where these legs wait now: their labels show there. A hang-up may date an end anew."""
    return {(transitions.subject(name), leg) for name, leg in _PLACES.tuples(legs, hung_up)}


def settle(queues: Mapping[str, Queue], places: set[Place]) -> None:
    """Make the stays in these places and the rows of their queues what the facts say."""
    changed = _settle_stays(queues, places)
    minute = this_minute()
    for queue in queues.values():
        queue.version += 1
        queue.figures_at = max(queue.figures_at, minute)
        if queue.pk in changed:
            queue.stale_since = min(queue.stale_since or changed[queue.pk], changed[queue.pk])
    rows.write(Queue, queues.values())


def _settle_stays(queues: Mapping[str, Queue], places: set[Place]) -> dict[int, datetime]:
    """Recompute the stays of each (queue, leg) from all its facts, and make the rows equal to them.

    Returns from when on each queue's figures are others than they were, by its number."""
    gone = stay_rows.forgotten(leg for _, leg in places) if places else set()
    places = {place for place in places if place[1] not in gone}
    if not places:
        return {}
    facts, existing = stay_rows.facts_of(places), _callers_of(queues, places)
    hung_up = stay_rows.hang_ups(leg for _, leg in places)
    rewrite = stay_rows.Rewrite(QueuedCall)
    were = [(row.pk, row.queue_id, row.enqueued_at) for rows_of in existing.values() for row in rows_of]
    for place in sorted(places):
        queue, leg = queues[place[0].partition(":")[2]], place[1]
        found = transitions.callers(facts[place], hung_up.get(leg))
        rewrite.match(existing[place], found, queue_id=queue.pk, call_control_id=leg)
    touched = {row.pk for row in (*rewrite.changed, *rewrite.gone)}
    moments = [(queue, at) for pk, queue, at in were if pk in touched]
    moments += [(row.queue_id, row.enqueued_at) for row in (*rewrite.new, *rewrite.changed)]
    rewrite.write()
    return {queue: min(at for other, at in moments if other == queue) for queue, _ in moments}


def _callers_of(queues: Mapping[str, Queue], places: set[Place]) -> dict[Place, list[QueuedCall]]:
    found: dict[Place, list[QueuedCall]] = defaultdict(list)
    names = {queues[place[0].partition(":")[2]].pk: place[0] for place in places}
    for row in _STAYS.rows(names, {leg for _, leg in places}):
        found[names[row.queue_id], row.call_control_id].append(row)
    return found
