"""Exit codes, errors as words and as JSON, and nothing but text where nobody looks."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from heddle import Heddle, problems
from heddle.cli import session
from heddle.cli.app import app
from heddle.cli.exits import MEANINGS, Exit, NotSignedIn, Unreadable, error_document, exit_of
from tests.client.conftest import Run
from tests.client.portals import STEADY, Portal, answer, portal, problem, reservation

KINDS: list[tuple[type[problems.Problem], int, Exit]] = [
    (problems.Refused, 409, Exit.REFUSED),
    (problems.PoolBusy, 409, Exit.SERVER),
    (problems.Invalid, 400, Exit.USAGE),
    (problems.NotFound, 404, Exit.NOT_FOUND),
    (problems.Unauthenticated, 401, Exit.AUTH),
    (problems.Forbidden, 403, Exit.AUTH),
    (problems.WrongState, 409, Exit.CONFLICT),
    (problems.StillRunning, 409, Exit.CONFLICT),
    (problems.Stale, 412, Exit.CONFLICT),
    (problems.KeyReused, 422, Exit.CONFLICT),
    (problems.Throttled, 429, Exit.SERVER),
    (problems.ServerFailed, 500, Exit.SERVER),
    (problems.Problem, 405, Exit.TROUBLE),
]


@pytest.mark.parametrize(("kind", "status", "code"), KINDS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_every_problem_has_its_number(kind: type[problems.Problem], status: int, code: Exit) -> None:
    assert exit_of(kind({}, status=status)) is code


def test_what_never_reached_the_portal_has_a_number_too() -> None:
    assert exit_of(problems.ConnectionFailed("gone")) is Exit.SERVER
    assert exit_of(problems.Unsendable("empty")) is Exit.USAGE
    assert exit_of(NotSignedIn("no token")) is Exit.AUTH
    assert exit_of(Unreadable("no time")) is Exit.USAGE
    assert exit_of(problems.Missed(_booked("failed"), wanted="active")) is Exit.MISSED
    assert exit_of(problems.TimedOut(_booked("composing"), wanted="active")) is Exit.TIMED_OUT


def test_every_number_is_explained_in_the_help(run: Run) -> None:
    told = run("--help")
    lines = {line.strip() for line in told.out.splitlines()}

    assert told.code == 0
    assert [code for code in Exit if not any(line.startswith(f"{code.value}  ") for line in lines)] == []
    assert set(MEANINGS) == set(Exit)


def test_no_words_at_all_are_answered_by_the_help(run: Run) -> None:
    assert run().out == run("--help").out


def test_every_command_speaks_json(run: Run) -> None:
    """Wherever a program may be the reader."""
    named = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    without = [name for name in named if "--json" not in run(name.replace("_", "-"), "--help").out]

    assert (len(named), without) == (33, [])


@pytest.mark.parametrize(
    "words",
    [
        ("fly",),
        ("book", "--nodes", "many", "--gpu", "x"),
        ("book",),
        ("book", "mix.yaml", "--gpu", "h100:1"),
        ("book", "--gpu", "h100:1", "--for", "2 hours"),
        ("extend", "r-1"),
        ("resize", "r-1"),
        ("--zone", "Nowhere/Land", "pools"),
        ("login", "not-an-address", "--token-stdin"),
        ("login", "https://portal.example"),
    ],
)
def test_what_cannot_be_understood_is_told_in_both_ways(run: Run, words: tuple[str, ...], monkeypatch: Any) -> None:
    monkeypatch.setattr("sys.stdin", _Typed("token\n"))
    people, program = run(*words), run(*words, "--json")

    assert (people.code, people.out, people.err != "") == (2, "", True)
    assert (program.code, program.out, program.error["code"], program.error["exit_code"]) == (2, "", "USAGE", 2)


class _Typed:
    """Standard input that is no terminal."""

    def __init__(self, text: str) -> None:
        self.text = text

    def readline(self) -> str:
        return self.text

    def isatty(self) -> bool:
        return False


def test_without_a_token_it_says_how_to_sign_in(run: Run) -> None:
    told = run("pools")

    assert (told.code, told.out) == (5, "")
    assert told.err == "No portal is known here. Run `heddle login URL`, or set HEDDLE_URL and HEDDLE_TOKEN.\n"


def test_a_problem_is_told_as_the_portal_wrote_it() -> None:
    document = {"code": "STALE", "status": 412, "detail": "Changed.", "request_id": "q-1", "version": 4}

    told = error_document(problems.Stale(document, status=412))

    assert told == {"error": {**document, "exit_code": 6}}


def test_a_wait_that_missed_tells_where_it_is_instead() -> None:
    told = error_document(problems.Missed(_booked("failed"), wanted="active"))

    assert (told["error"]["code"], told["error"]["reservation"]["state"]) == ("MISSED", "failed")


def _booked(state: str) -> Any:
    return reservation(state)


@pytest.fixture
def made_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Run, Portal]]:
    """The command before a portal that is made up."""
    there = portal(answer({"results": [], "next": None}))

    def client(url: str, token: str) -> Heddle:
        return Heddle(url, token, transport=httpx.MockTransport(there), retries=STEADY, sleep=there.sleep)

    monkeypatch.setattr(session, "Heddle", client)
    monkeypatch.setenv("HEDDLE_URL", "https://portal.example")
    monkeypatch.setenv("HEDDLE_TOKEN", "t-secret")
    yield run, there


def test_an_empty_list_is_an_object_too(made_up: tuple[Run, Portal]) -> None:
    run, _ = made_up

    assert run("list", "--json").json == {"results": []}
    assert run("--json", "list").json == {"results": []}


def test_the_token_is_never_printed(made_up: tuple[Run, Portal]) -> None:
    run, there = made_up
    there.prepared = [problem(500, "INTERNAL")]

    told = run("pools"), run("pools", "--json"), run("list", "--help")

    assert [("t-secret" in one.out + one.err) for one in told] == [False, False, False]
    assert (told[0].code, told[0].err) == (8, "Not so.\n  request q-1\n")


def test_an_alternative_has_a_key_as_stable_as_the_first(made_up: tuple[Run, Portal]) -> None:
    """Run again after a crash, both calls are the same calls."""
    run, there = made_up
    alternative = {"kind": "start", "message": "At 12:00.", "request": {"pool": "lab", "starts_at": "x"}}
    there.prepared = [problem(409, "REFUSED", alternatives=[alternative]), answer(reservation(), 201)]

    told = run("book", "--gpu", "h100:4", "--for", "2h", "--take", "1", "--key", "k", "--quiet")

    assert (told.code, told.out, told.err) == (0, "r-1\n", "Not granted as asked; taking start: At 12:00.\n")
    assert [request.headers["Idempotency-Key"] for request in there.asked] == ["k", "k/1"]
    assert json.loads(there.asked[1].content) == alternative["request"]


def test_a_longer_end_is_later_than_the_one_that_was_read(made_up: tuple[Run, Portal]) -> None:
    """If somebody else moved it meanwhile, it is refused, not moved twice."""
    run, there = made_up
    there.prepared = [
        answer(reservation(ends_at="2030-05-13T12:00:00Z", version=3)),
        problem(412, "STALE", version=4),
    ]

    told = run("extend", "r-1", "--by", "1h30m")

    assert (told.code, told.err) == (6, "Not so. It is at version 4 now.\n")
    assert json.loads(there.asked[1].content) == {"ends_at": "2030-05-13T13:30:00+00:00"}
    assert there.asked[1].headers["If-Match"] == '"3"'


def test_nobody_is_asked_where_nobody_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", _Typed(""))

    told = run("login", "https://portal.example")

    assert (told.code, told.err.startswith("Nobody is there to type a token")) == (2, True)
