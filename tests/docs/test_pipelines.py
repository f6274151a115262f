"""Both pipelines of docs/pipelines.md as they stand there, against a running Heddle: as all goes well, and as not."""

import json
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.docs.actions import Job, job_of
from tests.docs.blocks import blocks
from tests.docs.living import CHECKOUT, Living, Ran

PAGE = (CHECKOUT / "docs/pipelines.md").read_text(encoding="utf-8")
GITHUB = {"repository": "example/models", "run_id": "17", "run_attempt": "1"}
PROGRAM = ("python3", "-c", "import json, os; print(json.load(open(os.environ['RESERVATION_FILE']))['state'])")
LOOK_SECONDS_MAX = 60


def state_of(living: Living, token: str, code: str) -> str:
    """Where it has come to: `ended`, or whatever it is in when that takes too long."""
    address = f"{living.url}/api/v1/reservations/{code}/wait/?state=ended&timeout=60"
    answer = httpx.get(
        address, headers={"Authorization": f"Bearer {token}"}, timeout=LOOK_SECONDS_MAX * 2, trust_env=False
    )
    found: dict[str, Any] = answer.json()
    return str(found["state"])


def in_bash(living: Living, token: str, place: Path, *command: str, key: str = "", mix: str = "") -> Ran:
    (script,) = blocks(PAGE, "bash")
    (body,) = blocks(PAGE, "json")
    (place / "on-heddle.sh").write_text(script.text, encoding="utf-8")
    (place / "mix.json").write_text(mix or body.text, encoding="utf-8")
    more = {"BOOKING_KEY": key} if key else {}
    env = {"HEDDLE_URL": living.url, "HEDDLE_TOKEN": token, **more}
    return living.run(place / "on-heddle.sh", "mix.json", *command, place=place, **env)


def said(ran: Ran) -> list[str]:
    """What it told the person, with the code left out."""
    return [line.partition(" ")[2] for line in ran.errors.splitlines() if line.startswith("r-")]


def code_of(ran: Ran) -> str:
    return ran.errors.split(" ", 1)[0]


def test_bash_runs_the_command_while_the_mix_is_active_gives_it_back_and_books_once_under_one_key(
    living: Living, token: str, tmp_path: Path
) -> None:
    ran = in_bash(living, token, tmp_path, *PROGRAM, key="build-4711")

    assert (ran.status, ran.output) == (0, "active\n")
    assert said(ran) == ["is booked.", "is active.", "is given back."]
    assert state_of(living, token, code_of(ran)) == "ended"

    again = in_bash(living, token, tmp_path, *PROGRAM, key="build-4711")

    assert (again.status, again.output, code_of(again)) == (1, "", code_of(ran))
    assert said(again)[:2] == ["is booked.", "is ended: Ended early."]


def test_bash_gives_it_back_also_when_the_command_fails_and_ends_as_it_did(
    living: Living, token: str, tmp_path: Path
) -> None:
    ran = in_bash(living, token, tmp_path, "bash", "-c", "exit 7")

    assert (ran.status, said(ran)) == (7, ["is booked.", "is active.", "is given back."])
    assert state_of(living, token, code_of(ran)) == "ended"


def test_bash_shows_why_it_is_refused_and_has_nothing_to_give_back(living: Living, token: str, tmp_path: Path) -> None:
    body = json.loads(blocks(PAGE, "json")[0].text)
    body["mix"][0]["lines"][0]["count"] = 1_000

    ran = in_bash(living, token, tmp_path, *PROGRAM, mix=json.dumps(body))

    assert (ran.status != 0, ran.output) == (True, "")
    assert '"code":"REFUSED"' in ran.errors
    assert [(call.method, call.status) for call in ran.calls] == [("POST", 409)]


def workflow(living: Living, token: str, place: Path) -> Job:
    (text,) = blocks(PAGE, "yaml")
    (body,) = blocks(PAGE, "json")
    (place / "mix.json").write_text(body.text, encoding="utf-8")
    contexts = {"vars": {"HEDDLE_URL": living.url}, "secrets": {"HEDDLE_TOKEN": token}, "github": GITHUB}
    return job_of(yaml.safe_load(text.text), contexts=contexts)


def test_the_workflow_books_waits_runs_and_gives_back(living: Living, token: str, tmp_path: Path) -> None:
    job = workflow(living, token, tmp_path)

    job.run(living=living, place=tmp_path)

    assert [(name, ran.status, ran.errors) for name, ran in job.ran.items()] == [
        ("Book", 0, ""),
        ("Wait until it is active", 0, ""),
        ("Run", 0, ""),
        ("Give back", 0, ""),
    ]
    assert "'devices'" in job.ran["Run"].output
    assert state_of(living, token, job.env["CODE"]) == "ended"


def test_the_workflow_gives_back_also_when_the_work_fails(living: Living, token: str, tmp_path: Path) -> None:
    job = workflow(living, token, tmp_path)
    job.env["KEY"] += "/fails"
    job.steps = [{**step, "run": "exit 3"} if step.get("name") == "Run" else step for step in job.steps]

    job.run(living=living, place=tmp_path)

    assert [(name, ran.status) for name, ran in job.ran.items()] == [
        ("Book", 0),
        ("Wait until it is active", 0),
        ("Run", 3),
        ("Give back", 0),
    ]
    assert job.failed
    assert state_of(living, token, job.env["CODE"]) == "ended"


def test_the_workflow_gives_nothing_back_where_nothing_was_booked(living: Living, token: str, tmp_path: Path) -> None:
    job = workflow(living, token, tmp_path)
    job.env["KEY"] += "/refused"
    (tmp_path / "mix.json").write_text("{}", encoding="utf-8")

    job.run(living=living, place=tmp_path)

    assert [(name, ran.status != 0) for name, ran in job.ran.items()] == [("Book", True)]
    assert '"code":"INVALID"' in job.ran["Book"].output
