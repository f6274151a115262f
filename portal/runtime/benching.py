"""`manage.py bench` and `screenshots`: servers and a database for the run only, then Django's command of that name."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from portal.runtime import prepare, servers

SETTINGS = "portal.bench.settings"


def main(*, command: str, arguments: list[str]) -> int:
    """With DATABASE_URL and REDIS_URL given, a new database on that server, dropped at the end."""
    from django.core.management import execute_from_command_line

    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    os.environ.setdefault("HEDDLE_LOG", "console")
    os.environ.setdefault("HEDDLE_LOG_LEVEL", "error")
    if {"-h", "--help"} & set(arguments):
        execute_from_command_line(["manage.py", command, *arguments])
        return 0
    with tempfile.TemporaryDirectory(prefix="heddle-bench-", ignore_cleanup_errors=True) as place:
        data = Path(place)
        os.environ["HEDDLE_DATA_DIR"] = str(data / "portal")
        with servers.running(data=data) as addresses, _database(addresses.database_url) as url:
            os.environ.update({**addresses.environment(), "DATABASE_URL": url})
            prepare.migrate()
            execute_from_command_line(["manage.py", command, *arguments])
    return 0


@contextmanager
def _database(server: str) -> Iterator[str]:
    """Nothing of the given database is read or changed."""
    name = f"heddle_bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
