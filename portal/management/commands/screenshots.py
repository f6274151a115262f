"""`manage.py screenshots`: every page of a busy lab, in both themes, wide and on a phone, in a database of its own."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal.runtime import crew, demo
from portal.showing import scene, shots
from portal.showing.pages import CHOSEN, PAGES

FOLDER = "screenshots"


class Command(BaseCommand):
    help = "Take pictures of every page of a busy lab; see docs/testing.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default=FOLDER, help=f"the folder they go to ({FOLDER})")
        parser.add_argument("--only", help="names of pages, separated by commas")
        parser.add_argument("--chosen", action="store_true", help="the few of the README, one window each")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = set(CHOSEN if options["chosen"] else (options["only"] or "").split(",")) - {""}
        pages = [page for page in PAGES if not wanted or page.name in wanted]
        looks = shots.WINDOWS if options["chosen"] else shots.LOOKS
        now = datetime.now(UTC)
        data = Path(settings.HEDDLE_DATA_DIR)
        data.mkdir(parents=True, exist_ok=True)
        demo.load(pool=scene.POOL, data_dir=data, is_demo=True, now=now)
        self.stdout.write("Playing three days in the lab")
        values = scene.play(now=now).values
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser's driver runs a loop in this thread
        with _web() as url:
            cookies = shots.cookies_of({page.who for page in pages}, url=url)
            with shots.chromium() as browser:
                walk = shots.Walk(browser=browser, url=url, values=values, cookies=cookies)
                folder, is_whole = Path(options["to"]), not options["chosen"]
                for place in shots.take(walk, pages=pages, looks=looks, folder=folder, is_whole=is_whole):
                    self.stdout.write(str(place))


@contextmanager
def _web() -> Iterator[str]:
    """The address of a web process on this database."""
    with tempfile.TemporaryDirectory(prefix="heddle-shots-") as log, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(crew.BACKLOG)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        own = {**os.environ, "HEDDLE_NO_BOOTSTRAP": "1", "HEDDLE_BASE_URL": url}
        child = crew.role(name="web", environment=own, listener=listener, log=Path(log))
        child.start()
        try:
            child.wait_until_ready()
            yield url
        finally:
            child.stop()
