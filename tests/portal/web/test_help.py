"""Words are explained where they are used, and all of them in one place."""

import re

import pytest

from portal.runtime.paths import CHECKOUT
from portal.templatetags.portal import term
from portal.web.glossary import terms
from tests.portal.cast import Cast

USED = re.compile(r"{%\s*term\s+[\"']([\w-]+)[\"']")
SHORT_CHARS_MAX, LONG_CHARS_MAX = 110, 150


def test_every_word_that_a_template_explains_is_in_the_glossary() -> None:
    used = {
        code for template in (CHECKOUT / "templates").rglob("*.html") for code in USED.findall(template.read_text())
    }

    assert used - set(terms()) == set()


def test_a_meaning_is_short_enough_to_be_read_in_passing() -> None:
    long = [one.code for one in terms().values() if len(one.short) > SHORT_CHARS_MAX or len(one.long) > LONG_CHARS_MAX]

    assert long == []


def test_a_word_leads_to_its_meaning_without_scripts() -> None:
    assert term("pru") == (
        '<a class="term" href="/help/#pru" data-meaning="A chassis of cards outside the hosts, which the fabric can '
        'attach to any host it reaches.">PRU</a>'
    )
    assert term("pru", "a PRU").endswith(">a PRU</a>")


def test_a_word_that_nobody_explained_is_noticed() -> None:
    with pytest.raises(KeyError):
        term("quux")


def test_the_help_page_has_every_word_and_every_key(people: Cast) -> None:
    shown = people.browser("bob").get("/help/").content.decode()

    assert [code for code in terms() if f'<div id="{code}" tabindex="-1">' not in shown] == []
    assert [
        place.label for place in people.browser("bob").get("/help/").context["frame"].places if place.label not in shown
    ] == []
