"""A real server and a real simulator beside each other, as other tests use them."""

from dataclasses import fields

from tests.support.earshot import Earshot
from tests.support.live_page import live_equals_reload
from tests.support.people import Cast
from tests.support.waiting import eventually


def test_a_caller_reaches_the_database_through_the_door(earshot: Earshot) -> None:
    leg = earshot.simulator.call("+13035550164", queue="Claims")
    query = "select event_type from telephony_inboxevent where event_type = 'call.enqueued'"
    assert eventually(lambda: earshot.rows(query)) == [("call.enqueued",)]
    waiting = earshot.simulator.truth()["queues"][0]["waiting"]
    assert [caller["call_control_id"] for caller in waiting] == [leg]


def test_a_server_that_crashed_starts_again_on_its_data(earshot: Earshot) -> None:
    before = earshot.rows("select count(*) from dashboard_user")
    earshot.restart(kill=True)
    assert earshot.rows("select count(*) from dashboard_user") == before == [(len(fields(Cast)),)]


def test_it_signs_in_who_it_is_told_to(earshot: Earshot) -> None:
    assert earshot.get("/floor/", who="").status_code == 302
    assert earshot.get("/floor/", who="supervisor").status_code == 200
    assert earshot.get("/floor/", who="stranger").status_code == 403


async def test_a_caller_who_arrives_is_pushed_as_a_reload_would_show(earshot: Earshot) -> None:
    def arrive() -> None:
        earshot.simulator.call("+13035550165", queue="Billing")

    page = await live_equals_reload(
        earshot.site,
        earshot.sessions["supervisor"],
        "/floor/",
        arrive,
        until=lambda html: "Billing" in html,
    )
    assert any("Billing" in html for html in page.fragments().values())


async def test_a_floor_larger_than_what_a_browser_may_send_is_pushed_whole(earshot: Earshot) -> None:
    for number in range(6):
        earshot.simulator.conference(f"Large {number}", f"+1303555020{number}")
    eventually(lambda: earshot.get("/floor/").text.count('id="c-') == 6)
    async with earshot.site.live(earshot.sessions["supervisor"]) as socket:
        await socket.send('{"watch": ["floor"]}')
        snapshot = await socket.receive()
    assert snapshot.count('"id": "c-') == 6
    assert len(snapshot) > 16 * 1024
