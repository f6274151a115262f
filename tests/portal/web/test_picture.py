"""What a picture says and draws, worked out by hand from small worlds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fabric.queries.wiring import PortKind
from fabric.topology import NetworkFacts, PoolTopology
from portal.web.present.picture import BLOCKS_AT_LARGE_MAX, plan_picture
from portal.web.present.picture_shapes import Picture
from portal.web.present.picture_words import link_words, path_words, spans
from scheduler.planning.plan import NodePlan, PathReport, Plan, Setting
from tests.worlds import GPU, NOW, cards, host, pru, system, topology, two_hosts_eight_gpus

MEDIA = {None: "copper", "zone-1": "photonic"}
NAMES = {"gpu-a": "A 48GB", "nvme-a": "Drive"}


def plan_of(*nodes: NodePlan) -> Plan:
    ends_at = NOW + timedelta(hours=2)
    return Plan("tiny", 7, NOW, ends_at, NOW, ends_at, nodes)


def node(index: int, host: str, *blocks: str, **more: object) -> NodePlan:
    return NodePlan(index, 0, "", host, blocks, **more)  # type: ignore[arg-type]


def drawn(plan: Plan, world: PoolTopology) -> Picture:
    return plan_picture(plan, topology=world, media=MEDIA, names=NAMES)


def words(picture: Picture) -> list[str]:
    """No-break spaces are for the eye."""
    return [line.replace("\u00a0", " ") for box in (*picture.shown, *picture.folded) for line in box.words]


def with_network(world: PoolTopology) -> PoolTopology:
    return replace(world, networks={"rdma-1": NetworkFacts("rdma-1", "RoCEv2", 4, 400, 32)})


def test_a_plan_of_two_joined_nodes_is_told_in_full() -> None:
    blocks = ("pru-1-b01", "pru-1-s01", "pru-1-s02", "pru-1-s03", "pru-1-s04", "pru-1-s06")
    first = node(0, "host-1", *blocks, settings={"pru-1-s04": Setting({}, 80)}, planes={"pru-1": "plane-0"})
    second = node(1, "host-2", "pru-1-s05", "pru-1-s07", "pru-1-s08")
    joined = [replace(one, network="rdma-1", rails=2) for one in (replace(first, role="prefill"), second)]

    picture = drawn(plan_of(*joined), with_network(two_hosts_eight_gpus()))

    assert words(picture) == [
        "Node 1, prefill: host host-1, would be yours.",
        "Photonic link, x16 Gen5, plane-0, to pru-1: slots 1–3 A 48GB, would be yours; slot 4 A 48GB, at most 80 W, "
        "would be yours; bay 1 Drive, would be yours; slot 6 A 48GB, would be yours.",
        "Joined by 2 rails of rdma-1.",
        "Node 2: host host-2, would be yours.",
        "Photonic link, x16 Gen5, to pru-1: slots 5, 7–8 A 48GB, would be yours.",
        "Joined by 2 rails of rdma-1.",
    ]
    assert [(one.code, one.words, one.nodes.replace("\u00a0", " ")) for one in picture.networks] == [
        ("rdma-1", "RoCEv2, 400 Gb/s a port", "joins 2 nodes")
    ]
    assert picture.words.replace("\u00a0", " ") == "2 nodes, 9 devices"


def test_rails_run_on_only_to_a_neighbour_of_the_same_network() -> None:
    world = with_network(two_hosts_eight_gpus())
    networks = ("rdma-1", "rdma-1", "", "rdma-1", "rdma-2")
    nodes = [
        replace(node(index, "host-1", f"pru-1-s0{index + 1}"), network=network, rails=1 if network else 0)
        for index, network in enumerate(networks)
    ]

    boxes = drawn(plan_of(*nodes[:4]), world).shown

    assert [(box.joins_above, box.joins_below) for box in boxes] == [
        (False, True),
        (True, False),
        (False, False),
        (False, False),
    ]
    assert [box.rails for box in boxes] == [(0,), (0,), (), (0,)]


def test_blocks_stand_by_pru_switch_and_class() -> None:
    picture = drawn(plan_of(node(0, "host-1", "pru-1-s05", "pru-1-s01", "pru-1-b01")), two_hosts_eight_gpus())

    assert [
        (box.code, switch.name, run.name, [block.code for block in run.blocks])
        for box in picture.shown[0].chassis
        for switch in box.switches
        for run in switch.runs
    ] == [
        ("pru-1", "sw0", "A 48GB", ["pru-1-s01"]),
        ("pru-1", "sw0", "Drive", ["pru-1-b01"]),
        ("pru-1", "sw1", "A 48GB", ["pru-1-s05"]),
    ]


def test_a_fixed_system_has_no_link() -> None:
    machine, blocks = system("sys-1", "board-a")

    picture = drawn(
        plan_of(node(0, "sys-1", *(block.code for block in blocks))),
        topology(hosts=[machine], prus=[], blocks=blocks),
    )

    assert words(picture) == [
        "Node 1: host sys-1, would be yours.",
        "In the host sys-1: slots 1–8 board-a, would be yours.",
    ]
    assert [(box.kind, box.link, box.medium) for box in picture.shown[0].chassis] == [("In the host", (), "")]


def test_a_node_may_have_no_devices() -> None:
    assert words(drawn(plan_of(node(0, "host-1")), two_hosts_eight_gpus())) == ["Node 1: host host-1, would be yours."]


def test_many_nodes_are_folded_and_drawn_smaller() -> None:
    hosts = [host(f"host-{number:02d}") for number in range(1, 17)]
    prus = [pru(f"pru-{number:02d}") for number in range(1, 17)]
    world = topology(hosts=hosts, prus=prus, blocks=[block for one in prus for block in cards(one.code, GPU, 8)])
    nodes = [node(nth, hosts[nth].code, *(f"{prus[nth].code}-s0{slot}" for slot in range(1, 9))) for nth in range(16)]

    picture = drawn(plan_of(*nodes), world)

    assert ([box.key for box in picture.shown], len(picture.folded)) == (["node-1", "node-2", "node-3", "node-4"], 12)
    assert picture.fold.replace("\u00a0", " ") == "Show 12 more nodes"
    assert (picture.is_dense, BLOCKS_AT_LARGE_MAX) == (True, 32)
    assert drawn(plan_of(*nodes[:4]), world).is_dense is False


@pytest.mark.parametrize(
    ("numbers", "told"),
    [([1], "1"), ([1, 2], "1–2"), ([4, 1, 2, 3, 9], "1–4, 9"), ([1, 3, 5, 6], "1, 3, 5–6"), (range(1, 17), "1–16")],
)
def test_slots_in_a_row_are_a_span(numbers: list[int], told: str) -> None:
    assert spans(numbers) == told


@pytest.mark.parametrize(
    ("medium", "port", "plane", "told"),
    [
        ("photonic", PortKind(5, 16), "plane-1", ("photonic link", "x16 Gen5", "plane-1")),
        ("copper", PortKind(4, 8), "", ("copper link", "x8 Gen4")),
        ("", PortKind(5, 16), "", ("link", "x16 Gen5")),
        ("photonic", PortKind(0, 0), "", ("photonic link",)),
        ("", None, "", ("link",)),
    ],
)
def test_of_a_link_only_what_is_known_is_said(
    medium: str, port: PortKind | None, plane: str, told: tuple[str, ...]
) -> None:
    assert link_words(medium, port, plane) == told


def test_paths_are_told_in_words() -> None:
    report = PathReport({"PIX": 6, "SYS": 16}, 504.1, 1008.2, 2.0)

    assert path_words(report) == (
        "Pairs of accelerators: 6 behind one switch, 16 across sockets",
        "Links carry 504 Gb/s each way; the devices could ask for 2.0 times that",
    )
    assert path_words(PathReport({}, 0, 0, None)) == () == path_words(None)
