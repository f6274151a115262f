"""Every page of a busy lab in both themes, wide and on a phone: readable for whoever sees less well, and no complaint.

The pictures are kept in HEDDLE_SCREENSHOTS, where CI leaves them for people to look at.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from portal.runtime import demo
from portal.runtime.paths import CHECKOUT
from portal.showing.pages import PAGES
from portal.showing.scene import POOL, Scene, play
from portal.showing.shots import LOOKS, SIZES, Look, Walk, cookies_of, picture
from tests.journeys.browser import chromium
from tests.processes import Spawn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
AXE = CHECKOUT / "tests/journeys/vendor/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHECK = """tags => axe.run({runOnly: tags}).then(found => found.violations.flatMap(
  one => one.nodes.map(node => `${one.id}: ${node.target} ${node.failureSummary}`)))"""
READ_BY_AXE = frozenset({Look("dark", "wide"), Look("light", "phone")})
"""Both themes and both layouts once: the other two looks have the colours of one and the boxes of the other."""
EXPECTED = {"not-found": "the server responded with a status of 404"}


@pytest.fixture
def scene(transactional_db: None, settings: Settings, tmp_path: Path) -> Scene:
    settings.HEDDLE_DATA_DIR = tmp_path
    now = datetime.now(UTC)
    demo.load(pool=POOL, data_dir=tmp_path, is_demo=True, now=now)
    return play(now=now)


@pytest.fixture
def walk(scene: Scene, spawn_role: Spawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's driver runs a loop in this thread
    own = {"HEDDLE_DATA_DIR": str(tmp_path), "HEDDLE_SECRET_KEY": django_settings.SECRET_KEY}  # for the sessions
    url = spawn_role("web", **own).url
    cookies = cookies_of({page.who for page in PAGES}, url=url)
    with chromium() as browser:
        yield Walk(browser=browser, url=url, values=scene.values, cookies=cookies)


def test_every_page_in_every_look(walk: Walk, tmp_path: Path) -> None:
    folder = Path(os.environ.get("HEDDLE_SCREENSHOTS", tmp_path / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    found: list[str] = []

    for window, page, look in walk.through(PAGES, LOOKS):
        picture(window, page, look, folder=folder)
        asked, shown = page.at(walk.values).partition("?")[0], urlsplit(window.url).path
        found += [] if shown == asked else [f"{page.name} led to {shown}"]
        found += [f"{page.name}-{look}: {one}" for one in faults(window, look)]
        found += [f"{page.name}: {one}" for one in walk.said if EXPECTED.get(page.name, "nothing") not in one]
        walk.said.clear()

    assert found == [], "\n".join(found)


def faults(window: Any, look: Look) -> list[str]:
    """What the content policy refused, what lies beside the screen, what axe finds."""
    found = list(window.evaluate("window.refusedByPolicy || []"))
    width = window.evaluate("document.documentElement.scrollWidth")
    found += [f"{width} px wide"] if width > SIZES[look.size]["width"] else []
    if look in READ_BY_AXE:
        window.evaluate(AXE.read_text())
        found += window.evaluate(CHECK, TAGS)
    return found
