"""Pictures of pages in a real Chromium, in both themes, wide and on a phone."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.accounts.models import User
from portal.runtime.trouble import Trouble
from portal.showing.pages import Page
from portal.showing.sessions import session_of

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run")
THEMES = ("light", "dark")
WIDE, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}
SIZES = {"wide": WIDE, "phone": PHONE}
LOCAL: dict[str, Any] = {"timezone_id": "Europe/Berlin", "locale": "en-GB"}


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    theme: str
    size: str

    @property
    def options(self) -> dict[str, Any]:
        """Of a browser's context. Nothing moves, so that a picture is that of a page at rest."""
        return {"viewport": SIZES[self.size], "color_scheme": self.theme, "reduced_motion": "reduce", **LOCAL}

    def __str__(self) -> str:
        return f"{self.size}-{self.theme}"


LOOKS = tuple(Look(theme, size) for theme in THEMES for size in SIZES)


def program() -> str | None:
    """Where Chromium is on this machine."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Any]:
    """Raises Trouble where there is none."""
    from playwright.sync_api import sync_playwright

    path = program()
    if path is None:
        raise Trouble(
            "Screenshots need Chromium: install it so that one of these is on the PATH: " + ", ".join(PROGRAMS)
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def cookies_of(names: Iterable[str], *, url: str) -> dict[str, list[dict[str, str]]]:
    """What the browser of each of them has; of nobody nothing."""
    people = {user.username: user for user in User.objects.filter(username__in=set(names))}
    return {
        name: [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(people[name]), "url": url}] if name else []
        for name in names
    }


def take(
    *, browser: Any, url: str, pages: Iterable[Page], looks: Iterable[Look], values: Mapping[str, str],
    cookies: Mapping[str, list[dict[str, str]]], folder: Path, is_whole: bool = True,
) -> Iterator[Path]:  # fmt: skip
    """One picture a page and look, named after both."""
    folder.mkdir(parents=True, exist_ok=True)
    for look in looks:
        context = browser.new_context(**look.options)
        page = context.new_page()
        for one in pages:
            context.clear_cookies()
            context.add_cookies(cookies[one.who])
            page.goto(f"{url}{one.at(values)}", wait_until="networkidle")
            place = folder / f"{one.name}-{look}.png"
            page.screenshot(path=str(place), full_page=is_whole)
            yield place
        context.close()
