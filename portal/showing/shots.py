"""Pictures of pages in a real Chromium, in both themes, wide and on a phone."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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
SIZES = {"wide": WIDE, "phone": PHONE, "window": {"width": 1280, "height": 720}}
# What the page's own policy refused; kept by the page, before anything of it runs.
WATCH_POLICY = """document.addEventListener("securitypolicyviolation", (event) =>
  (window.refusedByPolicy ||= []).push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile || ""}`))"""
# Fonts are there, and every fragment that was asked for; at most a few seconds.
AT_REST = """async () => {
  await document.fonts.ready;
  const until = performance.now() + 5000;
  const next = () => new Promise((done) => requestAnimationFrame(done));
  do { await next(); await next(); } while (document.querySelector(".htmx-request") && performance.now() < until);
}"""
LOCAL: dict[str, Any] = {"timezone_id": "Europe/Berlin", "locale": "en-GB"}


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    theme: str
    size: str

    def __str__(self) -> str:
        return f"{self.size}-{self.theme}"


LOOKS = tuple(Look(theme, size) for theme in THEMES for size in ("wide", "phone"))
WINDOWS = tuple(Look(theme, "window") for theme in THEMES)
"""For documents: small enough to be kept with the source."""


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


@dataclass
class Walk:
    """Through pages as the people they are for. Each is loaded once, and looked at again and again.

    `said` is what scripts and the browser complained of since it was last cleared.
    """

    browser: Any
    url: str
    values: Mapping[str, str]
    cookies: Mapping[str, list[dict[str, str]]]
    said: list[str] = field(default_factory=list)

    def through(self, pages: Iterable[Page], looks: Sequence[Look]) -> Iterator[tuple[Any, Page, Look]]:
        """The browser's window, at rest, for every page and look."""
        context = self.browser.new_context(viewport=WIDE, reduced_motion="reduce", **LOCAL)
        context.add_init_script(WATCH_POLICY)
        window = context.new_page()
        window.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        window.on("pageerror", lambda error: self.said.append(str(error)))
        for one in pages:
            context.clear_cookies()
            context.add_cookies(self.cookies[one.who])
            window.goto(f"{self.url}{one.at(self.values)}")
            for look in looks:
                window.emulate_media(color_scheme=look.theme, reduced_motion="reduce")
                window.set_viewport_size(SIZES[look.size])
                window.evaluate(AT_REST)
                yield window, one, look
        context.close()


def take(walk: Walk, *, pages: Iterable[Page], looks: Sequence[Look], folder: Path, is_whole: bool) -> Iterator[Path]:
    """One picture a page and look, named after both."""
    folder.mkdir(parents=True, exist_ok=True)
    for window, one, look in walk.through(pages, looks):
        yield picture(window, one, look, folder=folder, is_whole=is_whole)


def picture(window: Any, one: Page, look: Look, *, folder: Path, is_whole: bool = True) -> Path:
    place = folder / f"{one.name}-{look}.png"
    window.screenshot(path=str(place), full_page=is_whole)
    return place
