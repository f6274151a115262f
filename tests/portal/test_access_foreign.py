"""Nothing of another project is reached by its name, in path, query or body, nor shown where nothing was named."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.http import QueryDict
from pytest_django import DjangoDbBlocker

from portal.accounts.models import User
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.service_accounts import issue_token, make
from portal.accounts.token_request import TokenRequest
from portal.accounts.tokens import issue
from portal.api.params import Params
from scheduler.models import JournalEntry, Membership, Notice, Preset, Reservation
from scheduler.reading import Reader
from scheduler.requests import Actor
from scheduler.services import presets
from scheduler.states import ProjectRole
from tests.portal.access_foreign import API_FOREIGN, OF_A_PROJECT, PAGE_FOREIGN, SHARED, Foreign
from tests.portal.access_pages import PAGE_ROWS
from tests.portal.access_rows import API_ROWS, NOWHERE, OPEN, ROLES, V1, Row
from tests.portal.access_world import SECRET_TITLE, Way, address, answer, bearing, sent, signed_in, things
from tests.portal.cast import MONDAY, Cast, assembled, wish

ENDPOINTS = tuple(row for row in API_ROWS if row.route.startswith(V1) and row.statuses != NOWHERE)
EVERYBODYS = frozenset({"lab"})  # a pool is no project's
STRANGER = ROLES.index("stranger")
RESEARCH = TokenRequest(name="bound", days=30, project="team-research")
JSON = "application/json"

Values = Mapping[str, str]
Ways = Mapping[str, Way]


@pytest.fixture(scope="module")
def _world(_settled_in: None, django_db_blocker: DjangoDbBlocker) -> tuple[Values, Ways, Way]:
    """Once for the module: every call is undone."""
    with django_db_blocker.unblock(), time_machine.travel(MONDAY, tick=False):
        people = assembled()
        return _things(people), _callers(people), signed_in(people, "charlie")


@pytest.fixture
def values(_world: tuple[Any, ...]) -> Values:
    return _world[0]


@pytest.fixture
def callers(_world: tuple[Any, ...]) -> Ways:
    return _world[1]


@pytest.fixture
def charlie(_world: tuple[Any, ...]) -> Way:
    return _world[2]


def _things(people: Cast) -> dict[str, str]:
    """Everything of team-chat's that has a name, and one reservation of team-research's own."""
    alice, by = people.caller("alice"), Actor(name="alice", user_id=people.alice.pk)
    body = {"mix": wish()["mix"], "duration_minutes": 60}
    presets.save(project=people.chat, name=SECRET_TITLE, purpose="", body=body, by=by, now=MONDAY)
    found = things(people)
    reservation = Reservation.objects.get(code=found["{code}"])
    entry = JournalEntry.objects.filter(reservation=reservation).latest("id")
    own = people.caller("charlie").post(
        "reservations/", wish(project="team-research", device_class="nvidia-a100-pcie-80gb")
    )
    return {
        **found,
        "{quote}": alice.post("quotes/", wish(title=SECRET_TITLE)).json()["id"],
        "{preset}": Preset.objects.get().code,
        "{entry}": str(entry.pk),
        "{notice}": str(Notice.objects.create(user=people.alice, reservation=reservation, entry=entry).pk),
        "{title}": SECRET_TITLE,
        "{own}": own.json()["code"],
    }


def _callers(people: Cast) -> dict[str, Way]:
    """A stranger to team-chat; and three that are bound to team-research, whoever stands behind them."""
    dora, by = User.objects.create_user("dora"), Actor(name="test")
    Membership.objects.create(user=dora, project=people.chat, role=ProjectRole.LEAD)
    Membership.objects.create(user=dora, project=people.research, role=ProjectRole.LEAD)
    program = make(project=people.research, wish=ServiceAccountRequest(name="ci"), by=by, now=MONDAY)
    return {
        "stranger": bearing(people.token("charlie")[1]),
        "bound member of both": bearing(issue(user=dora, wish=RESEARCH, by=by, now=MONDAY)[1]),
        "bound operator": bearing(people.token("olga", project="team-research")[1]),
        "bound superuser": bearing(people.token("sue", project="team-research")[1]),
        "program": bearing(issue_token(account=program, wish=RESEARCH, by=by, now=MONDAY)[1]),
    }


@pytest.mark.parametrize("row", [row for row in ENDPOINTS if row.values], ids=lambda row: row.name)
def test_in_the_path_it_does_not_exist(people: Cast, values: Values, callers: Ways, row: Row) -> None:
    """The stranger's column; a narrowed token is not even let in where it would reach further than itself."""
    answers = {name: answer(way, row, values) for name, way in callers.items()}

    narrowed = row.statuses[STRANGER] if row.scope else 403
    assert {name: found.status_code for name, found in answers.items()} == {
        name: row.statuses[STRANGER] if name == "stranger" else narrowed for name in callers
    }
    assert {name: told(found, values, spoken=row.name) for name, found in answers.items()} == dict.fromkeys(callers, ())


@pytest.mark.parametrize("row", API_FOREIGN, ids=lambda row: row.label)
def test_in_a_call_it_does_not_exist(people: Cast, values: Values, callers: Ways, row: Foreign) -> None:
    answers = {name: tried(way, row, values, is_form=False) for name, way in callers.items()}

    narrowed = row.status if row.narrowed is None else row.narrowed
    assert {name: found.status_code for name, found in answers.items()} == {
        name: row.status if name == "stranger" else narrowed for name in callers
    }
    spoken = values.get(row.value, row.value)
    assert {name: told(found, values, spoken=spoken) for name, found in answers.items()} == dict.fromkeys(callers, ())


@pytest.mark.parametrize("row", PAGE_FOREIGN, ids=lambda row: row.label)
def test_on_a_page_it_does_not_exist(people: Cast, values: Values, charlie: Way, row: Foreign) -> None:
    found = tried(charlie, row, values, is_form=True)

    assert found.status_code == row.status
    assert told(found, values, spoken=values.get(row.value, row.value)) == ()
    assert Notice.objects.get(pk=int(values["{notice}"])).read_at is None


@pytest.mark.parametrize(
    "row", [row for row in ENDPOINTS if row.method == "get" and not row.values], ids=lambda row: row.name
)
def test_no_answer_shows_it(people: Cast, values: Values, callers: Ways, row: Row) -> None:
    answers = {name: answer(way, row, values) for name, way in callers.items()}

    assert {name: told(found, values) for name, found in answers.items()} == dict.fromkeys(callers, ())


@pytest.mark.parametrize(
    "row",
    [row for row in PAGE_ROWS if row.method == "get" and row.statuses[STRANGER] == 200 and row.statuses != OPEN],
    ids=lambda row: row.name,
)
def test_no_page_shows_it(people: Cast, values: Values, charlie: Way, row: Row) -> None:
    assert told(answer(charlie, row, values), values) == ()


def test_an_answer_kept_for_the_user_is_not_given_to_a_token_of_another_project(people: Cast) -> None:
    """The same key and body: what was booked in team-chat stays unknown to a token of team-research."""
    Membership.objects.create(user=people.alice, project=people.research, role=ProjectRole.MEMBER)
    whole, bound = people.caller("alice"), people.caller("alice", project="team-research")

    booked = whole.post("reservations/", wish(), Idempotency_Key="k-1")
    again, foreign = (caller.post("reservations/", wish(), Idempotency_Key="k-1") for caller in (whole, bound))

    assert (booked.status_code, again.json(), foreign.json()["code"]) == (201, booked.json(), "KEY_REUSED")


def test_every_path_that_names_a_thing_is_tried_with_anothers() -> None:
    """By the tables' own values: each is alice's or team-chat's, or of a pool, which is everybody's."""
    given = {value for row in (*API_ROWS, *PAGE_ROWS) for name, value in row.values if name != "verb"}

    named = {value for value in given if not value.startswith("{")}
    assert named == {"team-chat", "nightly", "p-22222222"} | EVERYBODYS


def test_whatever_names_such_a_thing_is_tried_with_anothers(
    people: Cast, values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call is made once as alice; what it then looks for in its query and body is what it takes."""
    alice = {"api": bearing(people.token("alice")[1]), "page": signed_in(people, "alice")}

    taken: dict[tuple[str, str], set[str]] = defaultdict(set)
    for asked in heard(monkeypatch):
        for door, rows in (("api", API_ROWS), ("page", PAGE_ROWS)):
            for row in rows:
                asked.clear()
                answer(alice[door], row, values)
                taken[row.method, row.route] |= asked

    names = set().union(*taken.values())
    assert sorted(names - OF_A_PROJECT - SHARED) == []
    table = {(row.method, row.route, row.name) for row in (*API_FOREIGN, *PAGE_FOREIGN)}
    assert sorted({(*call, name) for call, found in taken.items() for name in found & OF_A_PROJECT} - table) == []


def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names that are looked for in what a caller sent, as long as one listens."""
    asked: set[str] = set()
    for method in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, method, _overheard(getattr(QueryDict, method), asked))
    read, begin = Reader.mapping, Params.__init__

    def mapping(self: Reader, value: object, field: str, known: Any) -> dict[str, Any]:
        asked.update({name for name in known if not field})
        return read(self, value, field, known)

    def params(self: Params, request: Any, *, known: Any) -> None:
        asked.update(known)
        begin(self, request, known=known)

    monkeypatch.setattr(Reader, "mapping", mapping)
    monkeypatch.setattr(Params, "__init__", params)
    yield asked


def _overheard(look: Any, asked: set[str]) -> Any:
    def looked(self: QueryDict, name: str, *rest: Any) -> Any:
        if isinstance(name, str):
            asked.add(name)
        return look(self, name, *rest)

    return looked


def tried(way: Way, row: Foreign, values: Values, *, is_form: bool) -> Any:
    path = f"/{address(row.route, row.values, values)}"
    given = {**row.more(), row.name: values.get(row.value, row.value)}
    if row.where == "query":
        return sent(way, row.method, f"{path}?{urlencode(given)}")
    if row.name == "quote":
        given = {"quote": given["quote"]}
    return sent(way, row.method, path, given, is_form=is_form)


def told(response: Any, values: Values, *, spoken: str = "") -> tuple[str, ...]:
    """What the answer says of team-chat that was not in the question."""
    text = b"".join(response.streaming_content) if response.streaming else response.content
    secrets = {SECRET_TITLE, "Chat service", "alice", values["{code}"], values["{quote}"], values["{program_token}"]}
    return tuple(sorted(secret for secret in secrets if secret not in spoken and secret in text.decode()))
