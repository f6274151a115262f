"""The examples of the README, docs/api.md and docs/webhooks.md, line by line as they stand there, in one shell.

Every line must do what it says: a call that is refused ends the run and names the document's line. What each call was
answered with is held against the schema.
"""

import json
import re
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.docs.blocks import as_script, blocks
from tests.docs.living import CHECKOUT, Call, Living, Ran

ADDRESS = "export URL=http" + "://127.0.0.1:8000   # the printed address"
RUNNER = """set -Eeuo pipefail
trap 'echo "$BASH_SOURCE:$LINENO: $BASH_COMMAND" >&2' ERR
cd "$CHECKOUT"
. "$1/README.md"
. "$1/api.md"
. "$1/webhooks.md"
"""
GUIDES = ("docs/api.md", "docs/webhooks.md")


def document(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ran(living: Living, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One document after the other."""
    place = tmp_path_factory.mktemp("examples")
    readme = as_script(document("README.md"), "sh")
    assert ADDRESS in readme, "the README says where the address goes"
    (place / "README.md").write_text(readme.replace(ADDRESS, f"export URL={living.url}"), encoding="utf-8")
    for guide in GUIDES:
        (place / Path(guide).name).write_text(as_script(document(guide), "sh"), encoding="utf-8")
    (place / "run.sh").write_text(RUNNER, encoding="utf-8")
    return living.run(place / "run.sh", str(place), place=place, CHECKOUT=str(CHECKOUT))


@pytest.fixture(scope="module")
def schema(living: Living) -> dict[str, Any]:
    wanted = urllib.request.Request(f"{living.url}/api/schema/", headers={"Accept": "application/json"})
    with urllib.request.urlopen(wanted) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def test_every_line_does_what_it_says(ran: Ran) -> None:
    assert (ran.status, ran.errors) == (0, "")


def test_every_call_is_made_and_none_is_refused(ran: Ran) -> None:
    """As many as the documents have lines with a call, and a state that each was to reach."""
    scripts = [as_script(document(name), "sh") for name in ("README.md", *GUIDES)]
    lines = [line for script in scripts for line in script.splitlines()]
    asked = sum(len(re.findall(r"(?:^|\()(?:get|post|curl) [^#]", line.strip())) for line in lines)

    assert asked > 30
    assert len(ran.calls) == asked - 1  # the one within `post` stands for no call of its own
    assert {call.status // 100 for call in ran.calls} == {2}
    waits = [call.json["state"] for call in ran.calls if call.path.endswith("/wait/")]
    assert waits == ["active", "ended", "active", "ended"]


def test_every_answer_is_as_the_schema_says(ran: Ran, schema: dict[str, Any]) -> None:
    wrong = [f"{call.method} {call.path}: {problem}" for call in ran.calls for problem in problems(call, schema)]

    assert wrong == []


def test_an_answer_that_is_not_as_the_schema_says_is_found(ran: Ran, schema: dict[str, Any]) -> None:
    """So that the test above can fail: without a member, with another status, of a path that is not there."""
    call = next(call for call in ran.calls if call.path == "projects/")
    less = {"next": None, "results": [{"slug": "x"}]}

    assert problems(call, schema) == []
    assert problems(Call("GET", 200, call.url, call.media_type, json.dumps(less)), schema) != []
    assert problems(Call("GET", 299, call.url, call.media_type, call.body), schema) == ["status 299 is not described"]
    assert problems(Call("GET", 200, f"{call.url}x/y/z/", "", ""), schema) == ["no such operation is described"]


@pytest.mark.parametrize("name", ["docs/api.md", "docs/pipelines.md"])
def test_every_body_that_is_shown_is_one_and_can_be_asked_for(
    name: str, living: Living, token: str, schema: dict[str, Any]
) -> None:
    """As it stands it is what the schema describes; on a day within the calendar it is granted."""
    shown = [json.loads(block.text) for block in blocks(document(name), "json")]
    body = schema["paths"]["/api/v1/quotes/"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    assert [list(validator(body, schema).iter_errors(one)) for one in shown] == [[]] * len(shown) != []
    for one in shown:
        answer = asked(living, token, {**one, **soon(one)})
        assert answer["project"] == one["project"]


def soon(one: dict[str, Any]) -> dict[str, str]:
    """The same hours the day after tomorrow, where hours are named."""
    if "starts_at" not in one:
        return {}
    starts, ends = (datetime.fromisoformat(one[name]) for name in ("starts_at", "ends_at"))
    begin = (datetime.now(UTC) + timedelta(days=2)).replace(hour=starts.hour, minute=0, second=0, microsecond=0)
    return {"starts_at": begin.isoformat(), "ends_at": (begin + (ends - starts)).isoformat()}


def asked(living: Living, token: str, body: dict[str, Any]) -> dict[str, Any]:
    """The quote; a refusal is an error here."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{living.url}/api/v1/quotes/", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def problems(call: Call, schema: dict[str, Any]) -> list[str]:
    """Where the answer is not as described; a file, and an answer without a body, are described by their status."""
    operation = operation_of(call, schema)
    if operation is None:
        return ["no such operation is described"]
    answer = operation["responses"].get(str(call.status))
    if answer is None:
        return [f"status {call.status} is not described"]
    described = answer.get("content", {}).get(call.media_type, {}).get("schema")
    if described is None or call.media_type == "text/csv":
        return [] if not call.body or described is not None else [f"{call.media_type} is not described"]
    return [error.message for error in validator(described, schema).iter_errors(call.json)]


def operation_of(call: Call, schema: dict[str, Any]) -> dict[str, Any] | None:
    for path, operations in schema["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), f"/api/v1/{call.path}"):
            found: dict[str, Any] | None = operations.get(call.method.lower())
            return found
    return None


def validator(described: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**described, "components": schema["components"]})
