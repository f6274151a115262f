"""`manage.py openapi`: write `docs/openapi.json`, which is what `/api/schema/` serves, and tell what it breaks.

`docs/openapi-released.json` is the schema that programs out there were written against. What differs from it so that
they break must stand in `docs/openapi-breaks.toml` with its reason, or a test fails. `--release` makes the present
schema the released one and forgets what was declared.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal.api.breaking import breaks
from portal.api.schema import Generator

PLACE, RELEASED, DECLARED = "docs/openapi.json", "docs/openapi-released.json", "docs/openapi-breaks.toml"
NOTHING_DECLARED = """# Changes that break programs written against docs/openapi-released.json, each with its reason:
#
# [[break]]
# what = "the sentence of `python3 manage.py openapi`"
# why = "…"
"""


def written() -> str:
    """The whole of `docs/openapi.json`."""
    return json.dumps(Generator().get_schema(), indent=1, ensure_ascii=False, default=str) + "\n"


def found() -> list[str]:
    """What the present schema breaks of the released one."""
    return breaks(_read(RELEASED), json.loads(written()))


def declared() -> dict[str, str]:
    """What may break, with its reason."""
    rows = tomllib.loads(_place(DECLARED).read_text(encoding="utf-8")).get("break", [])
    return {row["what"]: row["why"] for row in rows}


class Command(BaseCommand):
    help = f"Write {PLACE}, and tell what it breaks of {RELEASED}."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--release", action="store_true", help="programs may rely on it from now on")

    def handle(self, *args: Any, **options: Any) -> None:
        text = written()
        _place(PLACE).write_text(text, encoding="utf-8")
        if options["release"] or not _place(RELEASED).exists():
            compact = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            _place(RELEASED).write_text(compact + "\n", encoding="utf-8")
            _place(DECLARED).write_text(NOTHING_DECLARED, encoding="utf-8")
        known = declared()
        for what in found():
            self.stdout.write(f"{'declared' if what in known else 'BREAKS'}: {what}")
        self.stdout.write(PLACE)


def _read(place: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_place(place).read_text(encoding="utf-8"))
    return document


def _place(place: str) -> Path:
    return Path(settings.BASE_DIR) / place
