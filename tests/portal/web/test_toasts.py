"""What was just done is said once, on whatever the person is shown next, with a way back that is a form."""

import re

from django.contrib.messages.storage.base import BaseStorage
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.cache import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from portal.accounts.models import User
from portal.web.toasts import LIVE_HEADER, TEXT_CHARS_MAX, Toast, Undo, carry_toasts, say, toasts_of
from tests.portal.cast import Cast

UNDO = Undo("/account/theme/", {"theme": "light"})


def visit(kept: BaseStorage | None = None, **headers: str) -> HttpRequest:
    """A request of the one person of these tests, with what was kept for them."""
    request = RequestFactory(headers={name.replace("_", "-"): value for name, value in headers.items()}).get("/")
    request.session = kept.request.session if kept else SessionStore()
    request._messages = SessionStorage(request)  # type: ignore[attr-defined]
    return request


def told(text: str, **more: object) -> BaseStorage:
    request = visit()
    say(request, text, **more)  # type: ignore[arg-type]
    kept: BaseStorage = request._messages  # type: ignore[attr-defined]
    kept.update(HttpResponse())
    return kept


def test_what_was_said_comes_with_its_way_back_and_only_once() -> None:
    request = visit(told("Dark now.", undo=UNDO))

    first = toasts_of(request)
    request._messages.update(HttpResponse())  # type: ignore[attr-defined]

    assert first == (Toast("Dark now.", "ok", UNDO),)
    assert toasts_of(visit(request._messages)) == ()  # type: ignore[attr-defined]


def test_a_tone_is_kept() -> None:
    said = [toasts_of(visit(told("x", tone=tone)))[0].tone for tone in ("ok", "info", "warn", "bad", "unheard of")]

    assert said == ["ok", "info", "warn", "bad", "info"]


def test_a_text_has_an_end() -> None:
    said = (
        toasts_of(visit(told("x" * TEXT_CHARS_MAX)))[0].text,
        toasts_of(visit(told("y" * (TEXT_CHARS_MAX + 1))))[0].text,
    )

    assert said == ("x" * TEXT_CHARS_MAX, "y" * (TEXT_CHARS_MAX - 1) + "…")


def test_a_fragment_carries_it_to_its_place() -> None:
    request = visit(told("<b>Done</b>", undo=UNDO))
    request.user = User(username="alice")

    answer = carry_toasts(request, HttpResponse("<p>part</p>")).content.decode()

    assert answer.startswith('<p>part</p><div id="toasts" hx-swap-oob="beforeend">')
    assert "&lt;b&gt;Done&lt;/b&gt;" in answer
    assert answer.count("csrfmiddlewaretoken") == 1


def test_a_fragment_without_news_stays_as_it_is() -> None:
    assert carry_toasts(visit(), HttpResponse("<p>part</p>")).content == b"<p>part</p>"


def test_a_fragment_of_a_page_that_may_be_left_by_now_takes_no_words_with_it() -> None:
    request = visit(told("Done."), **{LIVE_HEADER: "1"})

    answer = carry_toasts(request, HttpResponse("<p>part</p>"))
    request._messages.update(answer)  # type: ignore[attr-defined]

    assert answer.content == b"<p>part</p>"
    assert toasts_of(visit(request._messages)) == (Toast("Done.", "ok", None),)  # type: ignore[attr-defined]


def test_a_file_carries_no_words() -> None:
    request = visit(told("Done."))

    assert carry_toasts(request, HttpResponse("a,b", content_type="text/csv")).content == b"a,b"


def test_a_page_shows_it_with_a_form_that_takes_it_back(people: Cast) -> None:
    browser = people.browser("alice")
    browser.post("/account/theme/", {"theme": "dark", "next": "/pools/"})

    shown = browser.get("/pools/").content.decode()
    form = re.search(r'<form method="post" action="(.+?)">.*?</form>', shown.partition('id="toasts"')[2], re.DOTALL)
    assert form is not None
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    browser.post(form[1], fields)

    assert {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"} == {
        "theme": "system",
        "next": "/pools/",
    }
    assert User.objects.get(username="alice").theme == "system"
