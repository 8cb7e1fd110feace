"""What a browser needs to be a phone."""

from tests.simulator.office import CONNECTION, Office, refused


async def test_a_credential_from_its_making_to_its_end(office: Office) -> None:
    created = await office.post("/telephony_credentials", connection_id=CONNECTION, name="Marta")
    assert created.status_code == 201
    credential = created.json()["data"]
    assert credential["sip_username"].startswith("gencred")
    path = f"/telephony_credentials/{credential['id']}"
    changed = await office.api.patch(f"/v2{path}", json={"name": "Marta Okafor"})
    assert changed.json()["data"]["name"] == "Marta Okafor"
    assert [one["name"] for one in (await office.get("/telephony_credentials"))["data"]] == ["Marta Okafor"]
    token = await office.post(f"{path}/token")
    assert (token.status_code, token.text.count(".")) == (201, 2)
    assert (await office.api.delete(f"/v2{path}")).status_code == 200
    assert refused(await office.api.get(f"/v2{path}"), 404, "10007")
    assert refused(await office.post("/telephony_credentials"), 422, "10004")
