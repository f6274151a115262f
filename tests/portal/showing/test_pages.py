"""No page is forgotten: what answers GET is in the list, or it is said why it is no page."""

from collections import Counter

from portal.showing.pages import CHOSEN, NO_PAGES, PAGES
from tests.portal.access_pages import PAGE_ROWS

METHOD_NOT_ALLOWED, NOT_FOUND = 405, 404


def test_every_route_that_shows_something_is_in_the_list() -> None:
    shown = {
        row.route
        for row in PAGE_ROWS
        if row.method == "get" and METHOD_NOT_ALLOWED not in row.statuses and set(row.statuses) != {302, NOT_FOUND}
    }

    assert {page.route for page in PAGES} == shown - NO_PAGES.keys()


def test_names_are_of_one_page_each() -> None:
    names = Counter(page.name for page in PAGES)

    assert max(names.values()) == 1
    assert set(CHOSEN) <= set(names)
