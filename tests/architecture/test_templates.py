"""No inline script or style, nothing from elsewhere, nothing unescaped."""

import pytest

from tests.architecture.rules_templates import forbidden
from tests.architecture.tree import texts


def test_no_template_breaks_the_content_security_policy() -> None:
    templates = texts("templates/**/*.html")

    assert templates != ()
    assert forbidden(templates) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<p class="a" style="color: red">', "an inline style"),
        ("<style>p {}</style>", "a style element"),
        ("<script>alert(1)</script>", "an inline script"),
        ('<button type="button" onclick="go()">', "an event attribute"),
        ('<div hx-on:click="go()">', "an event attribute"),
        ('<a href="javascript:go()">', "a script address"),
        ('<img src="//cdn.example/x.png">', "a foreign source"),
        ('<link rel="stylesheet" href="https' + '://cdn.example/x.css">', "a foreign stylesheet"),
        ("{{ title|safe }}", "unescaped text"),
    ],
)
def test_what_the_policy_forbids_is_found(text: str, what: str) -> None:
    assert forbidden([("a.html", text)]) == [f"a.html: {what}"]


@pytest.mark.parametrize(
    "text",
    [
        '<script src="{% static "js/live.js" %}" defer></script>',
        '<script type="application/json">{}</script>',
        '<a href="https' + '://example.org">elsewhere</a>',
        "{# <style> is not for us #}",
        '<button data-once="yes">',
    ],
)
def test_what_the_policy_allows_is_accepted(text: str) -> None:
    assert forbidden([("a.html", text)]) == []
