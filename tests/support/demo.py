"""Somebody who follows what `make demo` prints: signs in and looks at the floor."""

import re

import httpx

from tests.support.processes import Process
from tests.support.waiting import eventually

WITHIN = 60.0  # seconds, on a machine with other work


def sees_a_call(demo: Process, port: int) -> httpx.Client:
    """Returns once a conference is on the floor of the supervisor, whose browser is returned."""
    demo.wait_until(lambda: "Ctrl-C ends everything" in demo.output(), WITHIN)
    browser = httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, timeout=30)
    _sign_in(browser, demo.output())
    eventually(lambda: 'id="c-' in browser.get("/floor/").text, WITHIN)
    return browser


def _sign_in(browser: httpx.Client, output: str) -> None:
    found = re.search(r"Password +(\S+)", output)
    assert found
    browser.get("/accounts/login/")
    form = {"login": "supervisor@earshot.example", "password": found[1]}
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    assert browser.post("/accounts/login/", data=form | token).url.path == "/floor/"
