"""A button as a browser presses it: a POST with the session and the CSRF token of its page."""

from collections.abc import Sequence

import httpx

from tests.support.earshot import Earshot

CSRF = "a" * 32


def press(
    earshot: Earshot, path: str, who: str = "supervisor", **data: str | Sequence[str]
) -> httpx.Response:
    """Presses the button at `path` as somebody of the cast; `who=""` is nobody."""
    cookies = {"csrftoken": CSRF} | ({"sessionid": earshot.sessions[who]} if who else {})
    with httpx.Client(base_url=earshot.url, cookies=cookies) as client:
        return client.post(path, data=data, headers={"X-CSRFToken": CSRF})


def person(earshot: Earshot, leg: str) -> int:
    """The number of a leg's stay that goes on; it is part of the addresses of that person's buttons."""
    rows = earshot.rows(
        "select id from conferences_participant where call_control_id = ? and left_at is null", leg
    )
    return int(rows[0][0]) if rows else 0
