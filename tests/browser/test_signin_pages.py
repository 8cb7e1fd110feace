"""Signing in with a real browser: the card, its script, passkeys; and the admin under the strict CSP."""

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.looks import flaws, look, violations
from tests.support.people import PASSWORD

LOGIN = "/accounts/login/"


def fill(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page: Page) -> None:
    """The password once more, where a change of factors asks for it."""
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def test_the_password_can_be_seen_and_the_floor_opens(windows: Windows) -> None:
    page = windows.open(LOGIN, who="")
    expect(page.get_by_label("Email")).to_be_focused()
    password = page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    show = page.get_by_role("button", name="Show password")
    show.click()
    expect(password).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    expect(show).to_contain_text("Hide")
    show.click()
    expect(password).to_have_attribute("type", "password")
    fill(page, "supervisor@earshot.example")
    expect(page).to_have_url(re.compile("/floor/$"))


def test_a_refusal_is_an_alert_and_a_lock_counts_down(windows: Windows) -> None:
    page = windows.open(LOGIN, who="")
    for _ in range(4):
        fill(page, "locked@earshot.example", "wrong")
    expect(page.get_by_role("alert").first).to_contain_text("1 more try, then this account waits 15 minutes")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    assert violations(page) == []
    fill(page, "locked@earshot.example", "wrong")
    expect(page.get_by_role("alert").first).to_contain_text(
        re.compile(r"Locked until \d\d:\d\d:\d\d, 14:\d\d left\.")
    )
    send = page.locator("[data-send]")
    expect(send).to_be_disabled()
    expect(send).to_contain_text(re.compile(r"Sign in again in 14:\d\d"))


def test_no_passkey_is_offered_where_browsers_have_none(windows: Windows) -> None:
    page = windows.open(LOGIN, who="")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()


def test_the_cards_are_accessible_in_both_themes(windows: Windows) -> None:
    looks = (("light", 1440), ("dark", 390))
    page = windows.open(LOGIN, who="", **look("light", 1440))
    assert flaws(page, looks) == []
    page = windows.open("/accounts/2fa/", who="agent", **look("light", 1440))
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    assert flaws(page, looks) == []
    page.goto("/accounts/password/change/")
    assert flaws(page, looks) == []


def test_an_authenticator_app_is_set_up_and_asked_for(windows: Windows) -> None:
    page = windows.open("/accounts/2fa/totp/activate/", who="colleague")
    confirm(page)
    secret = page.get_by_label("Key", exact=True).input_value()
    assert page.locator(".qr").evaluate("image => image.complete && image.naturalWidth > 0")
    assert violations(page) == []
    page.get_by_label("Code that the app shows now").fill(code(secret))
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    recovery = page.locator(".codes li").first.inner_text()

    other = windows.open(LOGIN, who="")
    fill(other, "colleague@earshot.example")
    expect(other.get_by_text("Six digits from your authenticator app")).to_be_visible()
    assert violations(other) == []
    expect(other.get_by_label("Do not ask on this device for 12 hours")).not_to_be_checked()
    other.get_by_label("Code").press_sequentially("00")
    expect(other.locator(".boxes span").nth(1)).to_have_text("0")
    expect(other.locator(".boxes span").nth(2)).to_have_class("next")
    other.get_by_label("Code").fill("000000" if code(secret) != "000000" else "000001")
    expect(other.get_by_role("alert")).to_contain_text("Wrong code. 4 more tries.")
    other.get_by_role("link", name="Use a recovery code").click()
    other.get_by_label("Recovery code").fill(recovery)
    other.get_by_label("Do not ask on this device for 12 hours").check()
    other.get_by_role("button", name="Continue").click()
    expect(other).to_have_url(re.compile("/floor/$"))
    other.get_by_role("button", name="Luis Ortega").first.click()
    other.get_by_role("button", name="Sign out", exact=True).click()
    expect(other.get_by_label("Email")).to_be_visible()
    fill(other, "colleague@earshot.example")
    expect(other).to_have_url(re.compile("/floor/$"))


def code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def test_a_passkey_is_added_and_signs_in_by_itself(windows: Windows, earshot: Earshot) -> None:
    here = f"http://localhost:{earshot.port}"  # browsers have no passkeys for 127.0.0.1
    page = windows.open(f"{here}{LOGIN}", who="")
    pretend_key(page)
    fill(page, "agent@earshot.example")
    expect(page).to_have_url(re.compile("/my-calls/$"))
    page.goto(f"{here}/accounts/2fa/webauthn/add/")
    confirm(page)
    page.get_by_label("Name").fill("This laptop")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.goto(f"{here}/accounts/2fa/")
    expect(page.get_by_text("This laptop")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{here}{LOGIN}")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile("/my-calls/$"))


def pretend_key(page: Page) -> None:
    """A security key that lives in the browser and proves its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_the_admin_works_under_the_strict_policy(windows: Windows) -> None:
    page = windows.open("/admin/", who="admin", color_scheme="dark")
    expect(page.get_by_role("heading", name="Directory, settings and records")).to_be_visible()
    page.get_by_role("link", name="Users", exact=True).first.click()
    page.get_by_role("link", name="agent@earshot.example").click()
    page.get_by_label("Name").fill("Priya Nair-Rao")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    page.goto("/admin/telephony/inboxevent/")
    expect(page.get_by_role("heading", name="Select inbox event to view")).to_be_visible()
    page.goto("/admin/dashboard/command/")
    page.goto("/admin/dashboard/agent/add/")
    page.locator(".select2-selection").click()
    expect(page.locator(".select2-results__option").first).to_contain_text("Adeyemi")
