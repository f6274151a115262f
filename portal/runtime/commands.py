"""Which command needs what before it runs. Standard library only until the bootstrap has passed."""

import importlib
import os
import sys
from pathlib import Path

from portal.runtime import bootstrap, paths
from portal.runtime.trouble import Trouble

OWN = {
    "up": "portal.runtime.up",
    "test": "portal.runtime.testing",
    "lint": "portal.runtime.linting",
    "lock": "portal.runtime.locking",
    "prepare": "portal.runtime.prepare",
    "bench": "portal.runtime.benching",
    "screenshots": "portal.runtime.benching",
    "validators": "portal.runtime.validating",
    "contract": "portal.runtime.contract",
    "simulate": "portal.runtime.simulating",
    "web": "portal.runtime.roles",
    "worker": "portal.runtime.roles",
    "beat": "portal.runtime.roles",
}
"""Commands that are not Django's; each module has `main(*, command, arguments, data)`."""

WITHOUT_SERVERS = frozenset(
    {
        "help",
        "version",
        "check",
        "collectstatic",
        "findstatic",
        "makemessages",
        "compilemessages",
        "spectacular",
        "diffsettings",
        "draw_states",
        "openapi",
    }
)
UNMIGRATED = frozenset(
    {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations", "dbshell", "inspectdb", "flush"}
)
HELP_OF_OURS = """Heddle's own commands:

  up       start everything: servers, web, worker and beat (up --help)
  test     run the tests (test --help)
  lint     check style, types and imports
  lock     bring requirements/*.lock up to date with *.in
  validators   hold the Redfish simulator against DMTF's validators
  contract hold the running API against its schema, from outside (contract --help)
  simulate live through a thousand seeds of reservations on a fabric in memory (simulate --help)
  bench    measure the planner, live push or pages in a database of its own (bench --help)
  screenshots  take pictures of every page of a busy lab (screenshots --help)
  web, worker, beat   one role alone, with DATABASE_URL and REDIS_URL or beside a running `up`

Every command takes --data-dir FOLDER. Django's commands and the application's:
"""


def run(argv: list[str]) -> int:
    """Run one command line without the program's name; the answer is the exit code."""
    try:
        rest, folder = take_data_dir(argv)
        command = rest[0] if rest else "help"
        if folder:
            os.environ["HEDDLE_DATA_DIR"] = str(paths.data_dir(folder))
        bootstrap.enter(lock=_lock_for(command, rest), argv=argv)
        if command in OWN:
            return int(importlib.import_module(OWN[command]).main(command=command, arguments=rest[1:]))
        return _django(command=command, argv=rest)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def take_data_dir(argv: list[str]) -> tuple[list[str], str | None]:
    """The command line without `--data-dir`, wherever it stood, and its value. What follows `--` is left alone."""
    rest: list[str] = []
    folder: str | None = None
    words = iter(argv)
    for word in words:
        if word == "--":
            return [*rest, word, *words], folder
        if word == "--data-dir":
            folder = next(words, "") or ""
        elif word.startswith("--data-dir="):
            folder = word.partition("=")[2]
        else:
            rest.append(word)
        if folder == "":
            raise Trouble("--data-dir needs a folder")
    return rest, folder


def _lock_for(command: str, rest: list[str]) -> str:
    if command == "screenshots" or (command == "test" and "--e2e" in rest):
        return "e2e"
    return "dev" if command in {"test", "lint", "lock", "simulate"} else "run"


def _django(*, command: str, argv: list[str]) -> int:
    from portal.runtime import claim, prepare, servers

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("HEDDLE_LOG", "console")
    os.environ.setdefault("HEDDLE_LOG_LEVEL", "warning")
    if command.startswith("-") or command in WITHOUT_SERVERS or {"--help", "-h"} & set(argv):
        if command == "help" and len(argv) < 2:
            print(HELP_OF_OURS)
        return _execute(argv)
    data = paths.data_dir()
    if servers.are_given():
        return _execute(argv)
    found = claim.claim_or_find(data=data, command=command)
    if isinstance(found, claim.Running):
        os.environ.update(DATABASE_URL=found.database_url, REDIS_URL=found.redis_url)
        os.environ.setdefault("HEDDLE_BASE_URL", found.url)
        return _execute(argv)
    with servers.running(data=data) as addresses:
        os.environ.update(addresses.environment())
        if command not in UNMIGRATED:
            prepare.migrate()
        try:
            return _execute(argv)
        finally:
            found.release()


def _execute(argv: list[str]) -> int:
    """Django's dispatcher; a command that exits does so through us, so that servers are stopped first."""
    from django.core.management import execute_from_command_line

    execute_from_command_line([str(Path("manage.py")), *argv])
    return 0
