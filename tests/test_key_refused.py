"""Telnyx refuses the API key (401): admins are told which setting, others that an admin is needed."""

from collections.abc import Iterator

import pytest

from tests.support.earshot import Earshot, Prepared, running_earshot
from tests.support.live_page import live_equals_reload
from tests.support.pressing import press

ADMIN = "TELNYX_API_KEY"
OTHERS = "Tell an admin: only they can mend it."
TITLE = "Telnyx refuses the API key since"


@pytest.fixture(scope="module")
def refusing(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earshot]:
    with running_earshot(prepared, tmp_path_factory.mktemp("refusing")) as earshot:
        yield earshot


@pytest.mark.parametrize(
    ("who", "path", "said", "not_said"),
    [
        ("admin", "/floor/", ADMIN, OTHERS),
        ("admin", "/conferences/ended/", ADMIN, OTHERS),
        ("supervisor", "/floor/", OTHERS, ADMIN),
        ("supervisor", "/queues/", OTHERS, ADMIN),
        ("agent", "/queues/", OTHERS, ADMIN),
    ],
)
async def test_the_banner_comes_and_goes_by_itself(
    refusing: Earshot, who: str, path: str, said: str, not_said: str
) -> None:
    def refuse() -> None:
        refusing.simulator.refuse_key()
        press(refusing, "/telnyx/try-now")

    def accept() -> None:
        refusing.simulator.no_faults()
        press(refusing, "/telnyx/try-now")

    key = refusing.sessions[who]
    with_banner = await live_equals_reload(refusing.site, key, path, refuse, until=lambda html: TITLE in html)
    told = str(with_banner.fragments()["telnyx-status"])
    assert said in told and not_said not in told and TITLE in told
    without = await live_equals_reload(refusing.site, key, path, accept, until=lambda html: TITLE not in html)
    assert "Telnyx reachable" in str(without.fragments()["telnyx-status"])
