"""`manage.py validators`: DMTF's two validators on our Redfish simulator, gated on what they counted.

Their exit codes say too much and too little: 1 on any failure, known or not, and 0 where without schemas nothing was
looked at. So the counts are read, and a run in which next to nothing passed is a failure too. The schemas are DMTF's:
they lie beside the checkout, or where HEDDLE_REDFISH_SCHEMAS says; without them the first of the two is not run.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from portal.runtime import bootstrap, paths

SCHEMAS_VARIABLE = "HEDDLE_REDFISH_SCHEMAS"
SCHEMAS_BESIDE = Path("shared", "redfish-csdl")
KNOWN = Path(".ci", "protocol-failures.txt")
PASSES_MIN = 100  # each passes hundreds; fewer means that it did not look
SECONDS_MAX = 120
COUNTS = re.compile(r"\|\s+PASS\s+\|.*?\n\+[-+]+\+\n\|\s+(\d+)\s+\|\s+(\d+)\s+\|\s+(\d+)\s+\|", re.DOTALL)
Failures = Counter[str]


def main(*, command: str, arguments: list[str]) -> int:
    argparse.ArgumentParser(
        prog=f"manage.py {command}", description="Hold the Redfish simulator against DMTF's validators."
    ).parse_args(arguments)
    python = bootstrap.beside(lock="validators")
    with tempfile.TemporaryDirectory(prefix="heddle-validators-") as place:
        from portal.runtime.validated import service

        with service(Path(place)) as (url, user, password):
            login = ("-u", user, "-p", password)
            troubles = _service(python.parent, url, login, Path(place)) + _protocol(
                python.parent, url, login, Path(place)
            )
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    return 1 if troubles else 0


def schema_folder() -> Path | None:
    """Where the schemas are; None where they are not."""
    given = os.environ.get(SCHEMAS_VARIABLE)
    place = Path(given) if given else paths.CHECKOUT.parent / SCHEMAS_BESIDE
    return place if any(place.glob("*.xml")) else None


def _service(programs: Path, url: str, login: tuple[str, ...], place: Path) -> list[str]:
    folder = schema_folder()
    if folder is None:
        print(f"No schemas here (set {SCHEMAS_VARIABLE}): the service was NOT held against them.")
        return []
    said = _run(
        programs / "rf_service_validator",
        *("-i", url, *login, "--skipschema", "--schema_directory", str(folder), "--logdir", str(place / "service")),
    )
    counts = COUNTS.search(said)
    if counts is None:
        return [f"The service validator told no counts:\n{said[-2000:]}"]
    passed, warned, failed = (int(one) for one in counts.groups())
    print(f"schemas: {passed} passed, {warned} warnings, {failed} failed")
    logs = "".join(log.read_text(encoding="utf-8") for log in place.glob("service/*/*Debug*.log"))
    return verdict_of_schemas(passed=passed, failed=failed, said=logs)


def verdict_of_schemas(*, passed: int, failed: int, said: str) -> list[str]:
    """What is wrong; nothing may fail, and enough must have passed."""
    lines = [line for line in said.splitlines() if "FAIL -" in line]
    troubles = [f"{failed} properties are not as their schemas have them:", *lines] if failed else []
    if passed < PASSES_MIN:
        troubles.append(f"Only {passed} properties were held against a schema; it did not look.")
    return troubles


def _protocol(programs: Path, url: str, login: tuple[str, ...], place: Path) -> list[str]:
    reports = place / "protocol"
    said = _run(programs / "rf_protocol_validator", "-r", url, *login, "--report-dir", str(reports))
    tables = sorted(reports.glob("*.tsv"))
    if not tables:
        return [f"The protocol validator made no report:\n{said[-2000:]}"]
    results = [line.split("\t") for line in tables[0].read_text(encoding="utf-8").splitlines()[1:]]
    told = Counter(row[4] for row in results)
    failures = Counter(f"{row[0]} {row[1]}" for row in results if row[4] == "FAIL")
    known = parsed_known((paths.CHECKOUT / KNOWN).read_text(encoding="utf-8"))
    print(f"protocol: {told['PASS']} passed, {failures.total()} failed, of which {known.total()} are known")
    return verdict_of_protocol(passed=told["PASS"], failures=failures, known=known)


def parsed_known(text: str) -> Failures:
    """`ASSERTION METHOD times  why`, a line each; what begins with # is for people."""
    lines = [line.split(maxsplit=3) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return Counter({f"{name} {method}": int(times) for name, method, times, _ in lines})


def verdict_of_protocol(*, passed: int, failures: Mapping[str, int], known: Mapping[str, int]) -> list[str]:
    """What is wrong: a failure that is not known, or one that is known and is none any more."""
    new = Counter(failures) - Counter(known)
    gone = Counter(known) - Counter(failures)
    troubles = [f"Fails, and did not before: {name} ({times} ×)" for name, times in sorted(new.items())]
    troubles += [f"Fails no more; take it out of {KNOWN}: {name} ({times} ×)" for name, times in sorted(gone.items())]
    if passed < PASSES_MIN:
        troubles.append(f"Only {passed} assertions passed; it did not look.")
    return troubles


def _run(program: Path, *arguments: str) -> str:
    """What it said. It begins by its own Python, wherever the environment was moved to."""
    began = time.monotonic()
    command = [str(program.parent / "python"), str(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    print(f"{program.name}: {time.monotonic() - began:.0f} s")
    return done.stdout + done.stderr
