"""`make screenshot`: docs/floor.png, the floor of a demo of its own after two minutes of its morning."""

import argparse
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.demo import ACCOUNTS, Demo, Trouble  # noqa: E402
from scripts.running import PASSWORD  # noqa: E402

PICTURE = ROOT / "docs" / "floor.png"
SEED = 41
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="how long the calls go on before")
    parser.add_argument("--theme", choices=["dark", "light"], default="dark")
    parser.add_argument("--to", type=Path, default=PICTURE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            with Demo(_free_port(), _free_port(), Path(folder), SEED) as demo:
                demo.start()
                _take(demo.url, options.theme, options.seconds, options.to)
        except Trouble as trouble:
            print(trouble, file=sys.stderr)
            return 1
    print(f"{options.to} is taken")
    return 0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _take(url: str, theme: str, seconds: float, to: Path) -> None:
    chromium = shutil.which("chromium")
    if not chromium:
        raise Trouble("chromium is not installed. On Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(
            base_url=url,
            viewport={"width": 1440, "height": 900},
            color_scheme="light" if theme == "light" else "dark",
        )
        page = context.new_page()
        _sign_in(page)
        page.wait_for_timeout(seconds * 1000)
        _work(page)
        to.parent.mkdir(exist_ok=True)
        page.screenshot(path=to)
        browser.close()


def _sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(ACCOUNTS[0])
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/floor/")
    expect(page.locator("html")).to_have_attribute("data-connection", "live")


def _work(page: Page) -> None:
    """A supervisor's last seconds before it: records most calls, holds a caller, whispers to an agent."""
    for name in [name for place, name in enumerate(_calls(page)[:12]) if place != 2]:
        record = page.locator(name).get_by_role("button", name="Record")
        if record.count():  # else it has ended meanwhile
            record.click()
            expect(page.locator(name)).to_contain_text("On")
    calls = _calls(page)
    page.locator(calls[5]).click()
    _hold_caller(page)
    page.locator(calls[3]).click()
    _whisper(page)
    page.wait_for_timeout(9000)
    page.mouse.move(720, 180)


def _calls(page: Page) -> list[str]:
    """Conferences with an agent, the longest first."""
    rows = page.locator("[data-list=conferences] > tr:not([data-bridged]):has(.who-agent .sr)")
    return [f"#{id}" for id in rows.evaluate_all("rows => rows.map(({ id }) => id)")]


def _hold_caller(page: Page) -> None:
    pane = page.locator("[data-list=pane]")
    pane.get_by_role("button", name="Hold").last.click()
    expect(pane.get_by_role("button", name="Resume")).to_be_visible()


def _whisper(page: Page) -> None:
    page.locator("[data-list=pane] [data-shortcut=W]").click()
    expect(page.locator("#own-phone")).to_contain_text("Whispering", timeout=30_000)


if __name__ == "__main__":
    sys.exit(main())
