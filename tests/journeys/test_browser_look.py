"""Every page in both colour schemes, wide and on a phone: no complaint, and readable for whoever sees less well."""

from pathlib import Path
from typing import Any

import pytest

from portal.runtime.paths import CHECKOUT
from tests.journeys.browser import PASSWORD, PHONE, WIDE, browser, picture, portal, visitor  # noqa: F401 - fixtures, too
from tests.scheduler.services.house import H100, NVME, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
AXE = CHECKOUT / "tests/journeys/vendor/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = {
    "availability": "/",
    "dashboard": "/dashboard/",
    "reservations": "/reservations/",
    "reservation": "/reservations/{code}/",
    "new": "/reservations/new/?copy={code}",
    "cancel": "/reservations/{code}/cancel/",
    "pools": "/pools/",
    "pool": "/pools/lab/",
    "project": "/projects/team-chat/",
    "journal": "/journal/",
    "notices": "/notices/",
    "account": "/account/",
}
CHECK = """tags => axe.run({runOnly: tags}).then(found => found.violations.flatMap(
  one => one.nodes.map(node => `${one.id}: ${node.target} ${node.failureSummary}`)))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_pages_look_right(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    scheme: str,
    size: dict[str, int],
    tmp_path: Path,
) -> None:
    code = living.book({H100: 4, NVME: 2}, title="A title that is long enough to be wrapped on a phone, مرحبا").code
    name = f"{'phone' if size is PHONE else 'wide'}-{scheme}"
    found = []

    with visitor(browser, portal, viewport=size, color_scheme=scheme, bypass_csp=True) as alice:
        alice.sign_in("alice", PASSWORD)
        for page, path in PAGES.items():
            alice.open(path.format(code=code))
            picture(alice, f"{page}-{name}", tmp_path)
            alice.page.evaluate(AXE.read_text())
            found += [f"{page}: {one}" for one in alice.page.evaluate(CHECK, TAGS)]
            width = alice.page.evaluate("document.documentElement.scrollWidth")
            found += [f"{page}: {width} px wide"] if width > size["width"] else []

    assert found == []
    assert alice.complaints == []
