"""A mix that is written and read again is the same mix, whatever was said in it."""

from typing import Any

import pytest

from scheduler.mix_parsing import ClassWords, MixWords, parse_mix
from scheduler.mix_writing import mix_to_wire
from scheduler.reading import Reader

WORDS = MixWords(
    classes={"gpu-a": ClassWords(tdp_w=300, profiles=("1g.10gb",)), "nvme-a": ClassWords()},
    hosts=("host-8",),
    networks=("rdma-1",),
)
GPU = {"device_class": "gpu-a", "count": 2}
CASES: dict[str, dict[str, Any]] = {
    "a plain line": {"nodes": 1, "lines": [GPU]},
    "a role": {"role": "decode", "nodes": 3, "lines": [GPU]},
    "a selector": {"nodes": 1, "lines": [{"selector": "device.kind == 'gpu'", "count": 2}]},
    "slices": {"nodes": 1, "lines": [{**GPU, "profile": "1g.10gb"}]},
    "a cap": {"nodes": 1, "lines": [{**GPU, "power_cap_w": 200}]},
    "alternatives": {"nodes": 1, "lines": [{"first_of": [GPU, {"device_class": "nvme-a", "count": 1}]}]},
    "a processor node": {"nodes": 2, "placement": {"host": {"cores": 8, "memory_gib": 64}}},
    "flags": {"nodes": 1, "lines": [GPU], "placement": {"same_pru": True, "p2p": True, "allow_bridge_split": True}},
    "a host class": {"nodes": 1, "lines": [GPU], "placement": {"host_class": "host-8"}},
    "near": {"nodes": 1, "lines": [GPU], "placement": {"nic_affinity": "switch", "storage_affinity": "pru"}},
    "apart": {"nodes": 2, "lines": [GPU], "placement": {"spread": "rack"}},
    "a network": {"nodes": 2, "lines": [GPU], "placement": {"network": "rdma-1", "rails": 1}},
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_read_as_it_was(name: str) -> None:
    reader = Reader()
    mix = parse_mix(reader, [CASES[name]], None, words=WORDS)
    assert (mix is None, reader.errors) == (False, [])
    assert mix is not None

    written = mix_to_wire(mix)

    assert parse_mix(reader, list(written), None, words=WORDS) == mix
    assert reader.errors == []


def test_what_has_its_default_is_left_out() -> None:
    mix = parse_mix(Reader(), [{"lines": [GPU], "placement": {"same_pru": False}}], None, words=WORDS)
    assert mix is not None

    assert mix_to_wire(mix) == ({"nodes": 1, "lines": [GPU]},)
