"""A real Chromium in front of a real portal: what it complains about is collected, and asserted to be nothing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection, connections

from portal.accounts.models import User
from portal.showing import shots
from portal.showing.sessions import session_of
from portal.showing.shots import PHONE, WIDE
from tests.processes import Spawn
from tests.scheduler.services.house import House

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser journeys need requirements/e2e.lock")

PASSWORD = "a fine password"
PATIENCE_MS = 20_000  # of an expectation; what is there is seen at once, also on slow cores
sync_api.expect.set_options(timeout=PATIENCE_MS)
__all__ = ["PHONE", "WIDE"]
# What was shown in an element over time, kept by the page itself: a reload would lose it.
WATCH = """selector => {
  window.shown = [];
  const look = () => {
    const words = document.querySelector(selector)?.textContent.trim();
    if (words && words !== window.shown.at(-1)) window.shown.push(words);
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
  look();
}"""


@dataclass
class Visitor:
    """One person at one browser window. `complaints` are console errors, content-policy reports and script errors."""

    page: Any
    base: str
    complaints: list[str] = field(default_factory=list)
    is_scripted: bool = True

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")

    def sign_in(self, name: str, password: str) -> None:
        """What the login page leaves behind; `sign_in_by_form` walks through it, which takes seconds each time."""
        assert password == PASSWORD
        key = session_of(User.objects.get(username=name))
        connection.close()
        self.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": self.base}])
        self.open("/")

    def sign_in_by_form(self, name: str, password: str) -> None:
        self.open("/login")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_url(f"{self.base}/")

    def watch(self, selector: str) -> None:
        self.page.evaluate(WATCH, selector)

    def shown(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.shown")
        return found


@contextmanager
def chromium() -> Iterator[Any]:
    """Skips where there is none."""
    if shots.program() is None:
        pytest.skip("no Chromium on this machine")
    with shots.chromium() as running:
        yield running


@contextmanager
def visitor(browser: Any, base: str, **options: Any) -> Iterator[Visitor]:
    context = browser.new_context(**{"viewport": WIDE, **shots.LOCAL, **options})
    page = context.new_page()
    one = Visitor(page, base, is_scripted=options.get("java_script_enabled", True))
    page.on("console", lambda said: one.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: one.complaints.append(str(error)))
    try:
        yield one
    finally:
        context.close()


def picture(one: Visitor, name: str, folder: Path) -> None:
    """Kept in HEDDLE_SCREENSHOTS for people to look at, else with the test's own files."""
    place = Path(os.environ.get("HEDDLE_SCREENSHOTS", folder))
    place.mkdir(parents=True, exist_ok=True)
    one.page.screenshot(path=str(place / f"{name}.png"), full_page=True)


@cache
def secret() -> str:
    """The password as the web process reads it, which knows no faster way."""
    return PBKDF2PasswordHasher().encode(PASSWORD, "salt-of-the-tests")


@pytest.fixture
def portal(living: House, spawn_role: Spawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a web process on the lab pool; worker and beat are started by the test."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's driver runs a loop in this thread
    User.objects.update(password=secret())
    own = {"HEDDLE_DATA_DIR": str(tmp_path), "HEDDLE_SECRET_KEY": settings.SECRET_KEY}  # sessions made here hold there
    return spawn_role("web", **own).url


@pytest.fixture
def browser(portal: str) -> Iterator[Any]:
    """Started after, and stopped before, everything that uses the database."""
    with chromium() as running:
        yield running
        connections.close_all()  # those opened under the driver's loop are not seen from outside it
