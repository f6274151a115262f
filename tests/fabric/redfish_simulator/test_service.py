"""The service as any Redfish client meets it: addresses, logins, pages, tags of versions, tasks, events, knobs."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from fabric.redfish_simulator.manners import Ids, Manners, Resizing, Tags
from tests.contracts.redfish_world import RedfishWorld
from tests.contracts.worlds import BLOCKS, HOSTS, LONG_SECONDS

ROOT = "/redfish/v1"
SYSTEMS, BLOCK = f"{ROOT}/Systems", f"{ROOT}/CompositionService/ResourceBlocks"
KNOBS = "/simulator/knobs"


@pytest.fixture
def manners() -> Manners:
    """What a test parametrises, where it wants a service of other manners."""
    return Manners()


@pytest.fixture
def world(tmp_path: Path, manners: Manners) -> Iterator[RedfishWorld]:
    with closing(RedfishWorld(tmp_path, manners=manners)) as made:
        yield made


@pytest.fixture
def client(world: RedfishWorld) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=world.url, auth=("operator", "simulated"), timeout=5) as made:
        yield made


def wish(*codes: str, name: str = "t-1", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Links": {"ResourceBlocks": [{"@odata.id": f"{BLOCK}/{code}"} for code in codes]}, **more}


def composed(world: RedfishWorld, client: httpx.Client, *codes: str) -> str:
    """The path of a system that is made."""
    accepted = client.post(SYSTEMS, json=wish(*codes))
    world.advance(LONG_SECONDS)
    return str(client.get(accepted.headers["location"]).headers["location"])


def ids_of(reply: httpx.Response) -> list[str]:
    return [one["MessageId"].rsplit(".", 1)[-1] for one in reply.json()["error"]["@Message.ExtendedInfo"]]


def test_every_link_that_the_service_gives_leads_somewhere(world: RedfishWorld, client: httpx.Client) -> None:
    composed(world, client, "host-1", "gpu-1")
    seen, ahead, dead = set(), [ROOT], []
    while ahead:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        reply = client.get(path)
        if reply.status_code != 200:
            dead.append(path)
        ahead += [one.split("#")[0] for one in re.findall(r'"@odata\.id": ?"([^"]+)"', reply.text)]

    services, collections, singles = 5, 7, 3  # root and four below; the zone, the chassis and the capabilities
    of_blocks = len(HOSTS) + 5 * len(BLOCKS)  # block, device, PCIe device, its functions, its function
    systems_and_task = len(HOSTS) + 2
    assert dead == []
    assert len(seen) == services + collections + singles + of_blocks + systems_and_task


def test_the_root_needs_no_login_and_all_else_does(world: RedfishWorld) -> None:
    with httpx.Client(base_url=world.url) as nobody:
        everybodys = ("/redfish", ROOT, f"{ROOT}/odata", f"{ROOT}/$metadata")
        codes = [nobody.get(path).status_code for path in everybodys]
        refused = nobody.get(SYSTEMS)
        wrong = nobody.get(SYSTEMS, auth=("operator", "wrong"))

    assert codes == [200, 200, 200, 200]
    assert (refused.status_code, wrong.status_code) == (401, 401)
    assert ids_of(refused) == ["NoValidSession"]


def test_a_session_is_opened_used_and_ended(world: RedfishWorld) -> None:
    with httpx.Client(base_url=world.url) as client:
        sessions = f"{ROOT}/SessionService/Sessions"
        wrong = client.post(sessions, json={"UserName": "operator", "Password": "no"})
        opened = client.post(sessions, json={"UserName": "operator", "Password": "simulated"})
        token = {"X-Auth-Token": opened.headers["x-auth-token"]}
        used = client.get(SYSTEMS, headers=token)
        shown = client.get(opened.headers["location"], headers=token).json()
        client.delete(opened.headers["location"], headers=token)
        after = client.get(SYSTEMS, headers=token)

    assert [r.status_code for r in (wrong, opened, used, after)] == [401, 201, 200, 401]
    assert (shown["UserName"], shown["Password"]) == ("operator", None)


def test_what_is_not_there_and_what_may_not_be_done_are_told_apart(client: httpx.Client) -> None:
    missing, wrong = client.get(f"{SYSTEMS}/none"), client.put(SYSTEMS, json={})
    physical = client.delete(f"{SYSTEMS}/host-host-1")

    assert (missing.status_code, ids_of(missing)) == (404, ["ResourceMissingAtURI"])
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, POST")
    assert physical.status_code == 405


def test_every_answer_says_what_may_be_asked_and_where_its_schema_is(client: httpx.Client) -> None:
    zone, versions = client.get(f"{ROOT}/CompositionService/ResourceZones/main"), client.get("/redfish")
    newer = client.get(SYSTEMS, headers={"OData-Version": "4.1"})

    assert zone.headers["allow"] == "GET, HEAD"
    assert zone.headers["link"] == "<http://redfish.dmtf.org/schemas/v1/Zone.v1_6_3.json>; rel=describedby"
    assert versions.json() == {"v1": "/redfish/v1/"}
    assert newer.status_code == 412


@pytest.mark.parametrize(("manners", "is_standard"), [(Manners(), False), (Manners(has_standard_links=True), True)])
def test_what_few_schemas_are_published_for_is_linked_below_oem_or_as_the_standard_has_it(
    client: httpx.Client, is_standard: bool
) -> None:
    root = client.get(ROOT).json()

    assert ("Chassis" in root, "Chassis" in root.get("Oem", {}).get("HeddleSimulator", {})) == (
        is_standard,
        not is_standard,
    )


@pytest.mark.parametrize("manners", [Manners(page_size=5)])
def test_a_long_collection_comes_in_pages(client: httpx.Client) -> None:
    sizes, path = [], BLOCK
    while path:
        page = client.get(path).json()
        sizes.append((len(page["Members"]), page["Members@odata.count"]))
        path = page.get("Members@odata.nextLink")

    assert sizes == [(5, 12), (5, 12), (2, 12)]


def test_composing_is_a_task_whose_monitor_gives_the_answer_at_its_end(
    world: RedfishWorld, client: httpx.Client
) -> None:
    accepted = client.post(SYSTEMS, json=wish("host-1", "gpu-1", "gpu-2"))
    running = client.get(accepted.headers["location"])
    coming = client.get(f"{BLOCK}/gpu-1").json()["CompositionStatus"]["CompositionState"]
    world.advance(LONG_SECONDS)
    ended = client.get(accepted.headers["location"])
    system = client.get(ended.headers["location"]).json()

    assert (accepted.status_code, running.status_code, coming, ended.status_code) == (202, 202, "Composing", 201)
    assert accepted.json()["TaskState"] == "Running"
    assert int(accepted.headers["retry-after"]) >= 1
    assert [one["@odata.id"].rsplit("/", 1)[-1] for one in system["Links"]["ResourceBlocks"]] == [
        "host-1",
        "gpu-1",
        "gpu-2",
    ]
    assert world.owners()["gpu-1"] == "t-1"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"Links": {}}, 400, "PropertyMissing"),
        (wish("gpu-1"), 400, "NoResourceMatch"),
        (wish("host-1", "host-2"), 400, "NoResourceMatch"),
        (wish("host-1", "none"), 400, "ResourceBlockNotFound"),
        (wish("host-1", "gpu-1", Id="mine"), 400, "PropertyNotWritable"),
        (wish("host-2", "gpu-2"), 409, "ResourceBlockInUse"),
        (wish("host-3", name="taken"), 409, "ResourceInUse"),
    ],
)
def test_a_refusal_says_why(
    world: RedfishWorld, client: httpx.Client, body: dict[str, Any], status: int, message: str
) -> None:
    world.attach_foreign("gpu-2", "host-6", "taken")

    refused = client.post(SYSTEMS, json=body)

    assert (refused.status_code, ids_of(refused)) == (status, [message])


def test_a_body_that_is_no_json_is_refused(client: httpx.Client) -> None:
    refused = client.post(SYSTEMS, content=b"{", headers={"content-type": "application/json"})

    assert (refused.status_code, ids_of(refused)) == (400, ["MalformedJSON"])


@pytest.mark.parametrize("manners", [Manners(needs_if_match=True, resizing=Resizing.PATCH)])
def test_a_stale_tag_is_refused_and_a_missing_one_where_it_is_needed(world: RedfishWorld, client: httpx.Client) -> None:
    path = composed(world, client, "host-1", "gpu-1")
    etag = client.get(path).headers["etag"]
    body = {"Links": wish("host-1", "gpu-1", "gpu-2")["Links"]}
    replies = [
        client.patch(path, json=body, headers=headers).status_code
        for headers in ({}, {"If-Match": '"old"'}, {"If-Match": etag})
    ]

    assert replies == [428, 412, 202]


def test_blocks_are_added_and_removed_by_actions(world: RedfishWorld, client: httpx.Client) -> None:
    path = composed(world, client, "host-1", "gpu-1")
    for action, code in (("AddResourceBlock", "gpu-3"), ("RemoveResourceBlock", "gpu-1")):
        body = {"ResourceBlock": {"@odata.id": f"{BLOCK}/{code}"}}
        assert client.post(f"{path}/Actions/ComputerSystem.{action}", json=body).status_code == 202
        world.advance(LONG_SECONDS)

    assert [code for code, tag in world.owners().items() if tag == "t-1"] == ["gpu-3"]


def test_one_stanza_composes_and_a_preview_is_refused(world: RedfishWorld, client: httpx.Client) -> None:
    action = f"{ROOT}/CompositionService/Actions/CompositionService.Compose"
    stanza = {"StanzaType": "ComposeSystem", "StanzaId": "1", "Request": wish("host-1", "gpu-1")}
    body = {"RequestFormat": "Manifest", "RequestType": "Apply", "Manifest": {"Stanzas": [stanza]}}

    preview = client.post(action, json={**body, "RequestType": "Preview"})
    accepted = client.post(action, json=body)
    world.advance(LONG_SECONDS)
    told = client.get(accepted.headers["location"]).json()

    assert (preview.status_code, ids_of(preview)) == (400, ["UnableToProcessStanzaRequest"])
    assert told["Manifest"]["Stanzas"][0]["Response"]["Name"] == "t-1"
    assert world.machines() == {"t-1": "host-1"}


@pytest.mark.parametrize(
    ("manners", "wanted"),
    [(Manners(ids=Ids.CLIENT, etags=Tags.NONE), "mine"), (Manners(ids=Ids.LISTED), "node-7")],
)
def test_a_service_may_want_the_id_from_us(client: httpx.Client, wanted: str) -> None:
    without = client.post(SYSTEMS, json=wish("host-1"))
    made = client.post(SYSTEMS, json=wish("host-1", Id=wanted))

    assert (without.status_code, made.headers["location"]) == (400, f"{SYSTEMS}/{wanted}")


def test_events_are_streamed_and_resumed_after_their_id(world: RedfishWorld, client: httpx.Client) -> None:
    composed(world, client, "host-1", "gpu-1")
    world.vanish("gpu-2")

    def stream(last: str) -> list[str]:
        told = []
        with client.stream("GET", f"{ROOT}/EventService/SSE", headers={"Last-Event-ID": last}) as reply:
            for line in reply.iter_lines():
                if line.startswith(":"):
                    break
                if line.startswith("data:"):
                    told.append(json.loads(line.removeprefix("data:"))["Events"][0]["Message"])
        return told

    assert stream("0") == ["operation 1 done", "block gpu-2 vanished"]
    assert stream("1") == ["block gpu-2 vanished"]


def test_a_knob_is_one_line_and_is_turned_back(world: RedfishWorld, client: httpx.Client) -> None:
    wrong = client.post(KNOBS, json={"kind": "none"})
    client.post(KNOBS, json={"kind": "busy_read", "times": 1})
    first, second = client.get(SYSTEMS), client.get(SYSTEMS)
    client.post(KNOBS, json={"kind": "busy_read"})
    client.delete(KNOBS)

    assert (wrong.status_code, first.status_code, second.status_code) == (400, 503, 200)
    assert client.get(SYSTEMS).status_code == 200


def test_a_lost_reply_is_a_connection_cut_without_a_word(world: RedfishWorld, client: httpx.Client) -> None:
    client.post(KNOBS, json={"kind": "lost_after", "times": 1})

    with pytest.raises(httpx.RemoteProtocolError):
        client.post(SYSTEMS, json=wish("host-1", "gpu-1"))

    assert world.machines() == {"t-1": "host-1"}


def test_hosts_and_devices_are_all_there(client: httpx.Client) -> None:
    members = [one["@odata.id"].rsplit("/", 1)[-1] for one in client.get(BLOCK).json()["Members"]]

    assert members == [*HOSTS, *BLOCKS]
