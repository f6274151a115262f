"""`manage.py contract`: hold the running API against its schema, from outside.

A client generated from the schema makes a whole booking; then schemathesis calls every operation with what the schema
allows and with what it forbids, follows its links, and looks at each answer: no 5xx, no undocumented status or header,
no answer of another shape, nothing taken that the schema forbids. What was granted is counted as well: a run in which
everything is refused proves little.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.runtime import bootstrap, contract_app, paths
from portal.runtime.contract_app import App
from portal.runtime.contract_examples import with_dates
from portal.runtime.trouble import Trouble

CONFIG = Path(".ci", "contract.toml")
HERE = Path(__file__).parent
PACKAGE = "heddle_api"
EXAMPLES, EXAMPLES_DEEP = 20, 200  # cases an operation
ROUNDS, ROUNDS_DEEP = 1, 10
"""Of walks from state to state, each with other cases: one ends where the portal, which time changes, answers anew."""
WALKING, CALLING = "stateful", "examples,coverage,fuzzing"
WORKERS = 2
SECONDS_MAX, SECONDS_MAX_DEEP = 1_800, 14_400
TAIL_CHARS = 12_000
SOON = timedelta(hours=3)
EDGES = ("book", "cancel", "extend", "make_token", "make_webhook", "reservations")
"""Operations whose edges (longest, shortest, one too many) are tried without --deep too; others share their shapes."""
QUICKLY = f"""
[[operations]]
exclude-operation-id = {json.dumps(EDGES)}
phases.coverage.enabled = false
"""
REFUSED_MAX = 12
"""Operations on one thing which chance may not meet in the state that it takes, such as with a failed device."""
PARTS = ("client", "schema")
Json = dict[str, Any]


def main(*, command: str, arguments: list[str]) -> int:
    options = _parser(command).parse_args(arguments)
    python = bootstrap.beside(lock="contract")
    with tempfile.TemporaryDirectory(prefix="heddle-contract-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        with contract_app.running(place) as app:
            schema = _schema(app)
            troubles: list[str] = []
            if options.only in (None, "client"):
                troubles += _client(python, app, schema, place)
            if options.only in (None, "schema"):
                troubles += _called(python, app, schema, place, options)
            troubles += failures_of_log((place / "data" / "log" / "web.log").read_text(encoding="utf-8"))
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    return 1 if troubles else 0


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"manage.py {command}", description="Hold the running API against its schema, from outside."
    )
    parser.add_argument("--deep", action="store_true", help=f"{EXAMPLES_DEEP} cases an operation, not {EXAMPLES}")
    parser.add_argument("--seed", type=int, default=1, help="other cases (default 1)")
    parser.add_argument("--only", choices=PARTS, help="one of the two parts")
    parser.add_argument("--operation", help="only this operation, by its operationId")
    return parser


def _schema(app: App) -> Json:
    asked = urllib.request.Request(
        f"{app.url}/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}
    )  # a loopback address of our own
    with urllib.request.urlopen(asked, timeout=60) as answer:
        read: Json = json.load(answer)
    return read


def _client(python: Path, app: App, schema: Json, place: Path) -> list[str]:
    """Generate it, without a warning, and book with it."""
    document, config = place / "openapi.json", place / "client.json"
    document.write_text(json.dumps(schema), encoding="utf-8")
    config.write_text(json.dumps({"post_hooks": []}), encoding="utf-8")
    generator = [str(python), str(python.with_name("openapi-python-client")), "generate", "--meta", "none"]
    made = _run(
        "generated client",
        [*generator, "--fail-on-warning", "--path", str(document), "--config", str(config),
         "--output-path", str(place / "client" / PACKAGE)],
        environment={},
        seconds=SECONDS_MAX,
    )  # fmt: skip
    if made.returncode:
        return [f"No client can be generated from the schema:\n{made.stdout[-TAIL_CHARS:]}{made.stderr[-TAIL_CHARS:]}"]
    booked = _run(
        "booking by it",
        [str(python), str(HERE / "contract_booking.py"), app.url],
        environment={"HEDDLE_TOKEN": app.token, "PYTHONPATH": str(place / "client")},
        seconds=SECONDS_MAX,
    )
    print(booked.stdout, end="")
    return [f"The generated client could not book:\n{booked.stderr[-TAIL_CHARS:]}"] if booked.returncode else []


def _called(python: Path, app: App, schema: Json, place: Path, options: argparse.Namespace) -> list[str]:
    document, counts, config = place / "closed.json", place / "counts.json", place / "schemathesis.toml"
    now = datetime.now(UTC)
    document.write_text(json.dumps(with_dates(closed(schema), now=now)), encoding="utf-8")
    config.write_text(configuration(now=now, is_deep=options.deep), encoding="utf-8")
    environment = {
        "HEDDLE_TOKEN": app.token,
        "HEDDLE_OPERATOR_TOKEN": app.operator_token,
        "HEDDLE_COUNTS": str(counts),
        "SCHEMATHESIS_HOOKS": "contract_hooks",
        "PYTHONPATH": str(HERE),
    }
    one = ["--include-operation-id", options.operation] if options.operation else []
    troubles = []
    for phases, seed in phases_of(seed=options.seed, is_deep=options.deep, is_one=bool(one)):
        done = _run(
            f"schemathesis, {phases}, seed {seed}",
            [str(python), "-m", "schemathesis.cli", "--config-file", str(config), "run", str(document),
             "--url", app.url, "--phases", phases, "--seed", str(seed), "--workers", str(WORKERS), "--no-color", *one],
            environment=environment,
            seconds=SECONDS_MAX_DEEP if options.deep else SECONDS_MAX,
            cwd=place,
        )  # fmt: skip
        if done.returncode:
            troubles.append(f"Schemathesis found:\n{done.stdout[-TAIL_CHARS:]}{done.stderr[-TAIL_CHARS:]}")
        print(links_of(done.stdout), end="")
    if not counts.exists():
        return [*troubles, "It made no calls."]
    answered = answers_of(json.loads(counts.read_text(encoding="utf-8")))
    print(table_of(answered))
    paths_by_name = operations_of(schema)
    chosen_paths = {options.operation: paths_by_name[options.operation]} if options.operation else paths_by_name
    return troubles + verdict(answered, chosen_paths)


def phases_of(*, seed: int, is_deep: bool, is_one: bool) -> list[tuple[str, int]]:
    """Which, with which seed: walks first, while quotas have room. One operation alone leads nowhere: no walks."""
    rounds = 0 if is_one else ROUNDS_DEEP if is_deep else ROUNDS
    return [*((WALKING, seed + nth) for nth in range(rounds)), (CALLING, seed)]


def links_of(printed: str) -> str:
    """What it says of how far the walks went."""
    return "".join(f"{line}\n" for line in printed.splitlines() if "Scenarios:" in line or "API Links:" in line)


def configuration(*, now: datetime, is_deep: bool) -> str:
    """That of `.ci/`, with a time that a reservation may be extended to."""
    text = (paths.CHECKOUT / CONFIG).read_text(encoding="utf-8")
    words = {
        "${SOON}": (now + SOON).isoformat(timespec="seconds"),
        "${CASES}": str(EXAMPLES_DEEP if is_deep else EXAMPLES),
    }
    for word, value in words.items():
        text = text.replace(word, value)
    return text if is_deep else text + QUICKLY


def closed(schema: Any) -> Any:
    """The same with nothing allowed beside what is described: a member that nobody described is drift."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    read = {name: closed(value) for name, value in schema.items()}
    is_shape = schema.get("type") == "object" and isinstance(schema.get("properties"), dict)
    return {"additionalProperties": False, **read} if is_shape else read


def operations_of(schema: Json) -> dict[str, str]:
    """Name → path."""
    return {one["operationId"]: path for path, methods in schema["paths"].items() for one in methods.values()}


def answers_of(counts: Mapping[str, int]) -> dict[str, Counter[str]]:
    """`operation status` → how often, as operation → status → how often."""
    answered: dict[str, Counter[str]] = defaultdict(Counter)
    for key, times in counts.items():
        operation, status = key.split()
        answered[operation][status] += times
    return dict(answered)


def table_of(answered: Mapping[str, Counter[str]]) -> str:
    refused = sorted(name for name, statuses in answered.items() if not is_granted(statuses))
    lines = [
        f"  {name}: {', '.join(f'{status} × {times}' for status, times in sorted(statuses.items()))}"
        for name, statuses in sorted(answered.items())
    ]
    calls = sum(statuses.total() for statuses in answered.values())
    granted = f"{len(answered) - len(refused)} of {len(answered)} operations were granted"
    return "\n".join([*lines, f"{calls} calls; {granted}; never: {', '.join(refused) or 'none'}"])


def is_granted(statuses: Collection[str]) -> bool:
    return any(status.startswith("2") for status in statuses)


def verdict(answered: Mapping[str, Counter[str]], operations: Mapping[str, str]) -> list[str]:
    """What is wrong with the run itself: an operation that was not called, or never granted though it could be.

    What needs no thing of its own to be called on is granted at least once; of the rest, most are.
    """
    missing = sorted(operations.keys() - answered.keys())
    refused = sorted(name for name in operations if name in answered and not is_granted(answered[name]))
    plain = [name for name in refused if "{" not in operations[name]]
    troubles = [f"Never called: {', '.join(missing)}"] if missing else []
    troubles += [f"Called, and refused every time: {', '.join(plain)}"] if plain else []
    if len(refused) > REFUSED_MAX:
        troubles.append(f"Too many were refused every time: {', '.join(refused)}")
    return troubles


def failures_of_log(log: str) -> list[str]:
    """What the portal itself calls a failure of its own."""
    found = [line for line in log.splitlines() if re.search(r'"level": ?"(error|critical)"', line)]
    return [f"The portal logged {len(found)} failures, such as:", *(line[:2000] for line in found[:3])] if found else []


def _run(
    what: str, command: list[str], *, environment: Mapping[str, str], seconds: float, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    began = time.monotonic()
    surroundings = {**os.environ, **environment}
    try:
        done = subprocess.run(
            command, env=surroundings, capture_output=True, text=True, timeout=seconds, check=False, cwd=cwd
        )
    except subprocess.TimeoutExpired:
        raise Trouble(f"{what} did not come to an end in {seconds:.0f} s.") from None
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)
    return done
