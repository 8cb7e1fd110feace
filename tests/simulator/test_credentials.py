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


async def test_credentials_are_found_by_what_they_are_and_fifty_to_a_page(office: Office) -> None:
    for number in range(51):
        order = {"connection_id": CONNECTION, "name": f"n{number}", "tag": "odd" if number % 2 else "even"}
        assert "tag" not in (await office.post("/telephony_credentials", **order)).json()["data"]
    page = await office.get("/telephony_credentials")
    assert (len(page["data"]), page["meta"]["page_size"], page["meta"]["total_pages"]) == (50, 50, 2)
    one = page["data"][0]
    for query, count in [
        ({"filter[tag]": "odd"}, 25),
        ({"filter[name]": "n7"}, 1),
        ({"filter[sip_username]": one["sip_username"]}, 1),
        ({"filter[resource_id]": "connection:1"}, 0),
        ({"filter[status]": "expired"}, 0),
    ]:
        found = await office.get("/telephony_credentials", **query)
        assert found["meta"]["total_results"] == count, query


async def test_a_credential_expires_and_moves_to_another_connection(office: Office) -> None:
    order = {"connection_id": CONNECTION, "expires_at": "2020-01-01T00:00:00Z"}
    expired = (await office.post("/telephony_credentials", **order)).json()["data"]
    assert expired["expired"] is True
    path = f"/v2/telephony_credentials/{expired['id']}"
    renewed = await office.api.patch(path, json={"connection_id": "7", "expires_at": "2999-01-01T00:00:00Z"})
    assert renewed.json()["data"]["resource_id"] == "connection:7"
    assert renewed.json()["data"]["expired"] is False
    assert refused(await office.api.patch(path, json={"expires_at": "soon"}), 422, "10015")
