"""Every webhook is lost: what reads alone find, enter into the inbox, and show."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.earshot import Earshot, Prepared, running_earshot
from tests.support.pressing import person, press
from tests.support.waiting import eventually

Json = dict[str, Any]


@pytest.fixture(scope="module")
def deaf(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earshot]:
    """No webhook ever arrives, and Telnyx's log of them may not be read."""
    arguments = ("--no-traffic", "--drop", "1")
    with running_earshot(prepared, tmp_path_factory.mktemp("deaf"), arguments) as earshot:
        earshot.simulator.no_delivery_log()
        yield earshot


def after_reads(deaf: Earshot, check: Callable[[], object]) -> None:
    """Has Telnyx read at once, again and again, until the check holds."""

    def read_and_check() -> object:
        press(deaf, "/telnyx/try-now")
        return check()

    eventually(read_and_check, within=15)


def conference(deaf: Earshot, conference_id: str) -> Json:
    floor = deaf.get("/api/floor").json()["conferences"]
    return next((found for found in floor if found["id"] == conference_id), {})


def people(deaf: Earshot, conference_id: str) -> dict[str, Json]:
    return {one["call_control_id"]: one for one in conference(deaf, conference_id).get("participants", [])}


def waiting(deaf: Earshot, name: str) -> list[Json]:
    queues: list[Json] = deaf.get("/api/floor").json()["queues"]
    return next((list(queue["waiting"]) for queue in queues if queue["name"] == name), [])


def test_a_conference_its_name_and_people_are_found(deaf: Earshot) -> None:
    conference_id, legs = deaf.simulator.conference("Claims 3401", "+16175550141", "+16175550142")
    after_reads(deaf, lambda: set(people(deaf, conference_id)) == set(legs))
    assert conference(deaf, conference_id)["name"] == "Claims 3401"
    found = deaf.rows("select source, state from telephony_inboxevent where event_type = 'read.conference'")
    assert set(found) == {("read", "projected")}


def test_a_mute_and_a_hold_by_somebody_else_are_found(deaf: Earshot) -> None:
    conference_id, (one, other) = deaf.simulator.conference("Claims 3402", "+16175550143", "+16175550144")
    deaf.simulator.command(f"/conferences/{conference_id}/actions/mute", {"call_control_ids": [one]})
    deaf.simulator.command(f"/conferences/{conference_id}/actions/hold", {"call_control_ids": [other]})
    after_reads(deaf, lambda: len(people(deaf, conference_id)) == 2)
    after_reads(deaf, lambda: people(deaf, conference_id)[one]["muted"])
    after_reads(deaf, lambda: people(deaf, conference_id)[other]["on_hold"])
    deaf.simulator.command(f"/conferences/{conference_id}/actions/unmute", {"call_control_ids": [one]})
    after_reads(deaf, lambda: not people(deaf, conference_id)[one]["muted"])


def test_who_left_is_gone_after_two_reads(deaf: Earshot) -> None:
    conference_id, (one, other) = deaf.simulator.conference("Claims 3403", "+16175550145", "+16175550146")
    after_reads(deaf, lambda: len(people(deaf, conference_id)) == 2)
    deaf.simulator.does(other, "hangup")
    after_reads(deaf, lambda: set(people(deaf, conference_id)) == {one})


def test_an_end_is_found_and_said(deaf: Earshot) -> None:
    conference_id, _ = deaf.simulator.conference("Claims 3404", "+16175550147", "+16175550148")
    after_reads(deaf, lambda: conference(deaf, conference_id))
    deaf.simulator.command(f"/conferences/{conference_id}/actions/end")
    after_reads(deaf, lambda: not conference(deaf, conference_id))
    assert "Claims 3404" in deaf.get("/conferences/ended/").text
    assert "Conference ended" in deaf.get(f"/conferences/{conference_id}/").text


def test_a_waiting_caller_is_found_with_the_number_and_gone_when_gone(deaf: Earshot) -> None:
    leg = deaf.simulator.call("+14155550171", queue="Claims")
    after_reads(deaf, lambda: [caller["call_control_id"] for caller in waiting(deaf, "Claims")] == [leg])
    ((number,),) = deaf.rows("select id from queues_queue where name = 'Claims'")
    assert "+1 415 ••• 0171" in deaf.get(f"/queues/{number}/").text
    deaf.simulator.does(leg, "hangup")
    after_reads(deaf, lambda: waiting(deaf, "Claims") == [])


def test_a_button_still_works_and_a_read_proves_it(deaf: Earshot) -> None:
    conference_id, (one, _) = deaf.simulator.conference("Claims 3405", "+16175550149", "+16175550150")
    after_reads(deaf, lambda: person(deaf, one))
    answer = press(deaf, f"/conferences/{conference_id}/people/{person(deaf, one)}/mute", seen="unmuted")
    assert answer.status_code == 204
    after_reads(deaf, lambda: people(deaf, conference_id)[one]["muted"])
    states = "select state, shown_by from dashboard_command where action = 'mute'"
    after_reads(deaf, lambda: deaf.rows(states) == [("done", "read from Telnyx")])


def test_a_telnyx_that_cannot_be_reached_is_said_and_so_is_its_return(deaf: Earshot) -> None:
    after_reads(deaf, lambda: "Telnyx reachable" in deaf.get("/queues/").text)
    deaf.simulator.cut_reads()
    after_reads(deaf, lambda: "Telnyx cannot be reached" in deaf.get("/queues/").text)
    deaf.simulator.no_faults()
    after_reads(deaf, lambda: "Telnyx cannot be reached" not in deaf.get("/queues/").text)
