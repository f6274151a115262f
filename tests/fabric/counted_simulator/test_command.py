"""`manage.py counted_simulator` as a process of its own, on the pool that the portal has."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError, call_command

from fabric.redfish_simulator.server import listener
from fabric.services.sync import sync_pool_file
from tests.processes import own_database_url

CHECKOUT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_the_command_serves_the_pool_until_it_is_stopped(tmp_path: Path) -> None:
    sync_pool_file(path_or_name="lab", now=NOW)
    environment = {**os.environ, "DATABASE_URL": own_database_url(), "HEDDLE_DATA_DIR": str(tmp_path)}
    environment |= {"HEDDLE_NO_BOOTSTRAP": "1", "DJANGO_SETTINGS_MODULE": "portal.settings"}
    command = [sys.executable, "manage.py", "counted_simulator", "--pool", "lab", "--user", "u", "--password", "p"]
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[0]
            with httpx.Client(base_url=f"{url}/api/v1", timeout=10) as client:
                token = client.post("/auth/token", json={"user": "u", "password": "p"}).json()["token"]
                client.headers["Authorization"] = f"Bearer {token}"
                specs = {one["name"]: one["idle"] for one in client.get("/specs").json()["specs"]}
        finally:
            process.terminate()

    assert url.startswith("http://127.0.0.1:")
    assert sum(specs.values()) > 0
    assert all(" in " in name for name in specs)


@pytest.mark.django_db
def test_the_command_refuses_in_words() -> None:
    with pytest.raises(CommandError, match="There is no pool none"):
        call_command("counted_simulator", "--pool", "none")
    sync_pool_file(path_or_name="lab", now=NOW)
    with listener(0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} cannot be used"):
            call_command("counted_simulator", "--pool", "lab", "--port", str(port))
