"""The main job through `up --fabric redfish`: booked, wired over HTTP, given back; the emulator is the witness."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.runtime.test_up import Up, _manage

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")

WAIT_SECONDS = 60
MIX = [{"role": "", "nodes": 1, "lines": [{"device_class": "nvidia-h100-nvl-94gb", "count": 2}]}]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    data = tmp_path_factory.mktemp("fabric") / "data"
    running = Up(data=data, options=("--port", "0", "--fabric", "redfish"))
    yield running
    running.end(signal.SIGTERM)


def emulator(up: Up, *words: str) -> Any:
    told = _manage("emulator", *words, "--json", data=up.data)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def test_a_node_is_booked_composed_over_http_and_given_back(up: Up) -> None:
    emulator(up, "fault", "--latency-scale", "0")
    token = _manage("token", "alice", data=up.data).stdout.strip()
    with httpx.Client(
        base_url=f"{up.url}/api/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=2 * WAIT_SECONDS
    ) as api:
        body = {"project": "team-chat", "pool": "lab", "duration_minutes": 60, "mix": MIX}
        made = api.post("reservations/", json=body).json()
        at = f"reservations/{made['code']}/"
        active = api.get(f"{at}wait/", params={"state": "active", "timeout": WAIT_SECONDS}).json()
        while_active = emulator(up, "show")
        api.post(f"{at}release/", json={})
        ended = api.get(f"{at}wait/", params={"state": "ended", "timeout": WAIT_SECONDS}).json()
    after = emulator(up, "show")

    (composition,) = active["compositions"]
    blocks = sorted(device["block"] for device in composition["access"]["devices"])
    held = sorted(block["code"] for block in while_active["blocks"] if block["machine"] == composition["tag"])
    assert (active["state"], ended["state"]) == ("active", "ended")
    assert (len(blocks), blocks) == (2, held)
    assert (after["machines"], {block["state"] for block in after["blocks"]}) == ([], {"free"})
    assert {operation["op_key"].isdigit() for operation in after["operations"]} == {True}, "a task over HTTP"


def test_one_service_a_pool_runs_beside_the_roles(up: Up) -> None:
    words = [child.command.split() for child in up.children() if "manage.py" in child.command]

    assert sorted(one[one.index("--pool") + 1] for one in words if "redfish_simulator" in one) == ["lab"]
