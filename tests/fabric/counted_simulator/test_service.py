"""The counted control plane as a client sees it: counts, one job, devices of its own choice, codes."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from fabric.counted_simulator.knobs import Knob
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.counted_world import CountedWorld
from tests.contracts.worlds import BLOCKS, LONG_SECONDS

LAST_TWO = ["gpu-5", "gpu-6"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CountedWorld]:
    with closing(CountedWorld(tmp_path)) as made:
        yield made


@pytest.fixture
def client(world: CountedWorld) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{world.url}/api/v1", timeout=10) as made:
        token = made.post("/auth/token", json={"user": "operator", "password": "simulated"}).json()["token"]
        made.headers["Authorization"] = f"Bearer {token}"
        yield made


def spec(client: httpx.Client) -> str:
    return str(client.get("/specs").json()["specs"][0]["spec_uuid"])


def increase(client: httpx.Client, count: int, machine: str = "host-1") -> httpx.Response:
    wish = {"spec_uuid": spec(client), "device_count": count}
    return client.post(f"/machines/{machine}/actions/resize", json={"increase_resource_count": wish})


def remove(client: httpx.Client, *devices: str, machine: str = "host-1") -> httpx.Response:
    wish = {"spec_uuid": spec(client), "devices": list(devices)}
    return client.post(f"/machines/{machine}/actions/resize", json={"remove_resources": wish})


def shown(client: httpx.Client, machine: str = "host-1") -> dict[str, str]:
    resources = client.get(f"/machines/{machine}").json()["machine"]["resources"]
    return {one["device_id"]: one["status"] for resource in resources for one in resource["devices"]}


def code(reply: httpx.Response) -> tuple[int, str, str]:
    body = reply.json()
    return reply.status_code, body["status"], body["detail"]["code"]


def test_a_count_is_absolute_and_the_fabric_picks(world: CountedWorld, client: httpx.Client) -> None:
    first = increase(client, 2)
    coming = shown(client)
    world.advance(LONG_SECONDS)
    client.headers["Authorization"] = _token(client)
    come, again, more = shown(client), increase(client, 2), increase(client, 3)

    assert code(first) == (202, "accepted", "I00002")
    assert coming == dict.fromkeys(LAST_TWO, "ADD_IN_PROGRESS")
    assert come == dict.fromkeys(LAST_TWO, "ADD_COMPLETE")
    assert code(again) == (200, "ok", "I00001")
    assert code(more) == (202, "accepted", "I00002")
    assert shown(client) == {**come, "gpu-4": "ADD_IN_PROGRESS"}


def test_of_equal_devices_those_idle_longest_are_taken(world: CountedWorld, client: httpx.Client) -> None:
    increase(client, 1)
    world.advance(LONG_SECONDS)
    client.headers["Authorization"] = _token(client)
    remove(client, "gpu-6")
    world.advance(60)
    client.post("/devices/gpu-6/actions/reset")
    world.advance(60)
    increase(client, 5)

    assert shown(client) == dict.fromkeys(BLOCKS[:5], "ADD_IN_PROGRESS")


def test_a_device_that_failed_is_not_the_next_to_be_taken(world: CountedWorld, client: httpx.Client) -> None:
    world.fault(FaultKind.BIND_FAILURE, blocks=["gpu-6"])
    increase(client, 1)
    world.advance(60)
    increase(client, 1)

    assert shown(client) == {"gpu-5": "ADD_IN_PROGRESS", "gpu-6": "ADD_FAILED"}


def test_one_job_at_a_time_for_the_whole_fabric(world: CountedWorld, client: httpx.Client) -> None:
    increase(client, 1)
    elsewhere = increase(client, 1, "host-2")
    world.turn(Knob.SUSPENDED)
    client.post("/job/actions/cancel")
    increase(client, 1, "host-2")
    blocked = increase(client, 1, "host-3")
    state = client.get("/job").json()["job"]
    resumed = client.post("/job/actions/resume")
    running = increase(client, 1, "host-3")

    assert (code(elsewhere), code(blocked), code(running)) == (
        (409, "error", "E40010"),
        (409, "error", "E40027"),
        (409, "error", "E40010"),
    )
    assert state == {"state": "SUSPENDED", "machine_id": "host-2"}
    assert resumed.status_code == 202
    world.advance(LONG_SECONDS)
    client.headers["Authorization"] = _token(client)
    assert client.get("/job").json()["job"] == {"state": "IDLE", "machine_id": None}
    assert code(client.post("/job/actions/cancel")) == (409, "error", "EF409JOB001")
    assert code(client.post("/job/actions/resume")) == (409, "error", "EF409JOB001")


def test_what_became_of_a_device_is_told_until_its_next_change(world: CountedWorld, client: httpx.Client) -> None:
    world.fault(FaultKind.BIND_FAILURE, blocks=["gpu-6"])
    increase(client, 2)
    world.advance(60)
    failed = shown(client)
    remove(client, "gpu-5")
    leaving = shown(client)
    world.advance(60)
    gone = shown(client)
    client.post("/devices/gpu-5/actions/reset")

    assert failed == {"gpu-5": "ADD_COMPLETE", "gpu-6": "ADD_FAILED"}
    assert leaving == {"gpu-5": "REMOVE_IN_PROGRESS", "gpu-6": "ADD_FAILED"}
    assert gone == {"gpu-5": "REMOVE_COMPLETE", "gpu-6": "ADD_FAILED"}
    assert shown(client) == {"gpu-6": "ADD_FAILED"}
    assert client.get("/devices/gpu-5").json()["device"]["status"] == "RESET_IN_PROGRESS"


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/machines/host-9/actions/resize", {}, (404, "EF404RES001")),
        ("/machines/host-1/actions/resize", {}, (400, "EF400REQ001")),
        ("/machines/host-1/actions/resize", {"increase_resource_count": {"spec_uuid": "?"}}, (404, "EF404RES001")),
        ("/machines/host-1/actions/resize", {"remove_resources": {"devices": []}}, (400, "EF400REQ001")),
        ("/machines/host-1/actions/resize", {"remove_resources": {"devices": ["gpu-1"]}}, (409, "EF409DEV001")),
        ("/machines/host-1/actions/power", {"power": "half"}, (400, "EF400REQ001")),
        ("/devices/gpu-9/actions/reset", {}, (404, "EF404RES001")),
        ("/nowhere", {}, (404, "EF404RES001")),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_for_ever(
    client: httpx.Client, path: str, body: dict[str, Any], told: tuple[int, str]
) -> None:
    status, _, refused = code(client.post(path, json=body))

    assert (status, refused) == told


def test_more_than_are_idle_is_refused_and_so_is_a_count_that_is_none(client: httpx.Client) -> None:
    wish = {"increase_resource_count": {"spec_uuid": spec(client), "device_count": True}}

    assert code(increase(client, 7)) == (409, "error", "EF409CNT001")
    assert code(client.post("/machines/host-1/actions/resize", json=wish)) == (400, "error", "EF400REQ001")
    assert code(client.post("/machines/host-1/actions/resize", content=b"[")) == (400, "error", "EF400REQ001")


def test_another_clients_devices_are_not_removed_by_us(world: CountedWorld, client: httpx.Client) -> None:
    world.attach_foreign("gpu-1", "host-1", "stranger")

    assert remove(client, "gpu-1").status_code == 403
    assert world.owners()["gpu-1"] == "stranger"


def test_without_a_token_nothing_is_told_and_a_token_ends(world: CountedWorld, client: httpx.Client) -> None:
    with httpx.Client(base_url=f"{world.url}/api/v1", timeout=10) as nobody:
        unknown = nobody.get("/devices")
        wrong = nobody.post("/auth/token", json={"user": "operator", "password": "wrong"})
    before = client.get("/devices").status_code
    world.advance(world.face.token_seconds)

    assert (code(unknown), code(wrong)) == ((401, "error", "ER401AUT001"), (401, "error", "EF401AUT002"))
    assert (before, client.get("/devices").status_code) == (200, 401)


def test_listings_come_in_pages(client: httpx.Client) -> None:
    first = client.get("/devices").json()
    second = client.get("/devices", params={"offset": first["next"]}).json()

    assert [one["device_id"] for one in first["devices"] + second["devices"]] == list(BLOCKS)
    assert (first["total"], first["next"], second["next"]) == (6, 4, None)


def test_a_method_that_is_not_offered_is_named_with_those_that_are(client: httpx.Client) -> None:
    reply = client.delete("/machines/host-1")

    assert (reply.status_code, reply.headers["allow"]) == (405, "GET")


def test_knobs_are_turned_with_one_line_and_all_off_again(world: CountedWorld, client: httpx.Client) -> None:
    turned = httpx.post(f"{world.url}/simulator/knobs", json={"kind": "busy_read"}, timeout=10)
    busy = client.get("/devices")
    unknown = httpx.post(f"{world.url}/simulator/knobs", json={"kind": "nonsense"}, timeout=10)
    cleared = httpx.delete(f"{world.url}/simulator/knobs", timeout=10)

    assert (turned.status_code, unknown.status_code, cleared.status_code) == (204, 400, 204)
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    assert client.get("/devices").status_code == 200


def _token(client: httpx.Client) -> str:
    """Time was let pass, in which the last one ended."""
    told = client.post("/auth/token", json={"user": "operator", "password": "simulated"}).json()
    return f"Bearer {told['token']}"
