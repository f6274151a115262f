"""`docs/openapi.json` is what the app serves, and nothing in it breaks what was released without being declared."""

import json

from django.conf import settings
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from portal.management.commands.openapi import DECLARED, PLACE, RELEASED, declared, found, written

ASK = {"Accept": "application/vnd.oai.openapi+json"}


def test_the_committed_schema_is_what_is_served(db: None) -> None:
    committed = (settings.BASE_DIR / PLACE).read_text(encoding="utf-8")

    served = Client().get("/api/schema/", headers=ASK).content

    assert json.loads(served) == json.loads(committed), "run `python3 manage.py openapi`"
    assert committed == written(), "run `python3 manage.py openapi`"


def test_what_breaks_is_declared_with_its_reason_and_nothing_else_is() -> None:
    breaks = found()

    assert sorted(declared()) == breaks, f"see {DECLARED}, and `python3 manage.py openapi` for the sentences"
    assert all(declared().values())


def test_a_break_is_found_in_the_whole_schema() -> None:
    """The comparison would be of no use if it saw nothing in a document as large as ours."""
    released = json.loads((settings.BASE_DIR / RELEASED).read_text(encoding="utf-8"))

    assert released["paths"].keys() <= json.loads(written())["paths"].keys()
    assert len(json.dumps(released)) > 50_000


def test_the_generator_has_nothing_to_warn_of() -> None:
    SchemaGenerator().get_schema(request=None, public=True)

    assert not GENERATOR_STATS, GENERATOR_STATS.emit_summary()
