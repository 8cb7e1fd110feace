"""The account: its applications and where they send webhooks, its calls' events, its list of live calls."""

from typing import Any

import pytest

from tests.simulator.office import CALLER, CONNECTION, PHONE, Office, refused

PATH = f"/v2/call_control_applications/{CONNECTION}"
NEW = {"application_name": "Router", "webhook_event_url": "https://example.com/hooks"}


async def test_an_application_from_its_making_to_its_end(office: Office) -> None:
    created = await office.post("/call_control_applications", **NEW)
    application = created.json()["data"]
    assert (created.status_code, application["webhook_api_version"]) == (201, "1")
    path = f"/v2/call_control_applications/{application['id']}"
    changed = await office.api.patch(path, json=NEW | {"webhook_timeout_secs": 10, "tags": ["a"]})
    assert (changed.json()["data"]["webhook_timeout_secs"], changed.json()["data"]["tags"]) == (10, ["a"])
    assert (await office.api.get(path)).json() == changed.json()
    assert (await office.api.delete(path)).json() == changed.json()
    assert refused(await office.api.get(path), 404, "10007")


async def test_the_new_address_gets_the_next_webhook(office: Office) -> None:
    await office.api.patch(PATH, json=NEW | {"webhook_event_url": "http://testserver/new"})
    await office.call()
    await office.simulator.settle()
    assert office.mailbox.bodies[0]["meta"]["delivered_to"] == "http://testserver/new"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"application_name": None}, "10004"),
        ({"webhook_event_url": None}, "10004"),
        ({"webhook_event_url": "example.com"}, "10015"),
        ({"webhook_api_version": "3"}, "10032"),
        ({"webhook_timeout_secs": 31}, "10033"),
        ({"anchorsite_override": "Moon"}, "10032"),
        ({"inbound": {"sip_subdomain_receive_settings": "nobody"}}, "10032"),
        ({"active": "yes"}, "10015"),
    ],
)
async def test_refusals_of_applications(office: Office, change: dict[str, Any], code: str) -> None:
    assert refused(await office.post("/call_control_applications", **NEW | change), 422, code)
    assert refused(await office.api.patch(PATH, json=NEW | change), 422, code)
    assert len((await office.get("/call_control_applications"))["data"]) == 1


async def test_applications_are_found_and_sorted(office: Office) -> None:
    await office.post("/call_control_applications", **NEW)
    for query, names in [
        ({}, ["Router", "call-centre"]),
        ({"sort": "created_at"}, ["call-centre", "Router"]),
        ({"sort": "connection_name"}, ["Router", "call-centre"]),
        ({"sort": "-connection_name"}, ["call-centre", "Router"]),
        ({"filter[application_name][contains]": "ROUT"}, ["Router"]),
        ({"filter[outbound.outbound_voice_profile_id]": "1293384261075731499"}, ["call-centre"]),
    ]:
        found = (await office.get("/call_control_applications", **query))["data"]
        assert [one["application_name"] for one in found] == names, query
    wrong = await office.api.get("/v2/call_control_applications", params={"sort": "size"})
    assert refused(wrong, 422, "10032")


async def test_calls_belong_to_the_application_that_dialled_them(office: Office) -> None:
    other = (await office.post("/call_control_applications", **NEW)).json()["data"]["id"]
    mine, theirs = await office.dial(), await office.dial(connection_id=other)
    for connection_id, ccid in [(CONNECTION, mine), (other, theirs)]:
        calls = (await office.get(f"/connections/{connection_id}/active_calls"))["data"]
        assert [one["call_control_id"] for one in calls] == [ccid]
    assert refused(await office.api.get("/v2/connections/1/active_calls"), 422, "10015")


async def test_live_calls_come_in_pages_by_number_too_and_the_last_one_is_empty(office: Office) -> None:
    ccids = [await office.call() for _ in range(3)]
    path = f"/connections/{CONNECTION}/active_calls"
    pages = [await office.get(path, **{"page[number]": number, "page[size]": 2}) for number in (1, 2, 3)]
    assert [[one["call_control_id"] for one in page["data"]] for page in pages] == [ccids[:2], ccids[2:], []]
    assert pages[2]["meta"] == {"cursors": {}, "total_items": 3}


async def test_the_events_of_a_call_are_its_commands_and_its_webhooks(office: Office) -> None:
    ccid = await office.answered()
    await office.post(f"/calls/{ccid}/actions/hangup")
    await office.call(number=PHONE)
    await office.simulator.settle()
    leg_id = (await office.get(f"/calls/{ccid}"))["data"]["call_leg_id"]
    events = (await office.get("/call_events", **{"filter[leg_id]": leg_id}))["data"]
    story = [(one["type"], one["name"]) for one in events]
    assert sorted(story) == [
        ("command", "answer"),
        ("command", "hangup"),
        ("webhook", "call.answered"),
        ("webhook", "call.hangup"),
        ("webhook", "call.initiated"),
    ]
    times = [one["event_timestamp"] for one in events]
    assert times == sorted(times)


async def test_events_are_found_by_what_they_are(office: Office) -> None:
    await office.answered(CALLER)
    await office.simulator.settle()
    office.mailbox.always = 400
    await office.call(number=PHONE)
    await office.simulator.settle()
    for query, names in [
        ({"filter[type]": "command"}, ["answer"]),
        ({"filter[from]": PHONE}, ["call.initiated"]),
        ({"filter[failed]": "true"}, ["call.initiated"]),
        ({"filter[occurred_at][lt]": "2019-03-29T11:10:00Z"}, []),
        ({"filter[from]": CALLER, "filter[type]": "webhook"}, ["call.initiated", "call.answered"]),
        ({"filter[to]": PHONE}, []),
    ]:
        found = [one["name"] for one in (await office.get("/call_events", **query))["data"]]
        assert found == names, query
    for query in ({"filter[type]": "rumour"}, {"filter[product]": "pigeon"}):
        assert refused(await office.api.get("/v2/call_events", params=query), 422, "10032")
    await office.pass_time(90_000)
    assert (await office.get("/call_events"))["data"] == []
