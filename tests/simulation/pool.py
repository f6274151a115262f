"""A small pool: the fabric as it is at the beginning, and the books that know it."""

import random

from fabric.composing.books import Block as KnownBlock
from fabric.states import BlockState
from tests.simulation.dials import Dials
from tests.simulation.matter import DEVICE_CLASS, LANES, Block, Host
from tests.simulation.memory_fabric import MemoryFabric, with_profile
from tests.simulation.store import Store

PROFILES = {"1g.10gb": 7}
CAP_MAX_W = 400


def fabric_of(dials: Dials, *, rng: random.Random) -> MemoryFabric:
    profile = {
        "needs_host_off": dials.needs_host_off,
        "max_parallel_mutations": dials.turns_max,
        "attach_seconds_max": dials.seconds_max,
        "detach_seconds_max": dials.seconds_max,
    }
    fabric = MemoryFabric(
        blocks=[_device(slot) for slot in range(1, dials.blocks + 1)],
        hosts=[Host(f"host-{number}") for number in range(1, dials.hosts + 1)],
        rng=rng,
        capabilities=with_profile(profile),
        pace=dials.pace,
    )
    fabric.is_careless, fabric.asks_for_patience = dials.is_careless, dials.is_patient
    return fabric


def store_of(fabric: MemoryFabric) -> Store:
    return Store(
        blocks={code: _known(block) for code, block in fabric.blocks.items()},
        block_states=dict.fromkeys(fabric.blocks, BlockState.FREE),
        host_states=dict.fromkeys(fabric.hosts, BlockState.FREE),
    )


def _device(slot: int) -> Block:
    code = f"gpu-{slot}"
    return Block(code=code, slot=slot, serial=f"SN-{code}", profiles=PROFILES, cap_max_w=CAP_MAX_W)


def _known(block: Block) -> KnownBlock:
    return KnownBlock(
        code=block.code,
        device_class=DEVICE_CLASS,
        slot=block.slot,
        serials=frozenset({block.serial}),
        lanes=LANES,
    )
