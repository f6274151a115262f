"""The fabric in memory as one more world of the contract suite: what the simulation runs on keeps the contract too."""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fabric.drivers.base import AS_IT_COMES, CardSetting, Driver, Transient
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.worlds import BLOCKS, CAP_MAX_W, HOSTS, PROFILES, SIMULATION
from tests.simulation.faults import Fault
from tests.simulation.matter import Block, Host, System
from tests.simulation.memory_fabric import MemoryFabric, with_profile


class MemoryWorld:
    """`folder` is not used: nothing is written anywhere."""

    picks_devices = False
    shows_names = True

    def __init__(self, folder: Path, **profile: Any) -> None:
        self.fabric = MemoryFabric(
            blocks=[_block(slot, code) for slot, code in enumerate(BLOCKS, start=1)],
            hosts=[Host(code) for code in HOSTS],
            rng=random.Random(str(SIMULATION["seed"])),
            capabilities=with_profile(profile),
        )
        self.fabric.keeps_notes = True
        self.driver: Driver = self.fabric

    def close(self) -> None:
        pass

    def advance(self, seconds: float) -> None:
        self.fabric.now += seconds

    def owners(self) -> Mapping[str, str | None]:
        self.fabric.settle()
        return {code: block.tag for code, block in self.fabric.blocks.items()}

    def machines(self) -> Mapping[str, str]:
        self.fabric.settle()
        return {tag: system.host for tag, system in self.fabric.systems.items()}

    def given(self, blocks: Sequence[str]) -> tuple[str, ...]:
        return tuple(blocks)

    def bus(self, host: str) -> Mapping[str, str]:
        self.fabric.settle()
        return {code: block.address for code, block in self.fabric.blocks.items() if block.host == host}

    def settings(self) -> Mapping[str, CardSetting]:
        self.fabric.settle()
        return {code: one.setting for code, one in self.fabric.blocks.items() if one.setting != AS_IT_COMES}

    def mutations_accepted(self) -> int:
        return len(self.fabric.operations)

    def composes(self, tag: str) -> int:
        return [(one.kind, one.tag) for one in self.fabric.operations.values()].count(("compose", tag))

    def fault(self, kind: FaultKind, **how: Any) -> None:
        """As `fabric.drivers.emulator.faults.set_fault`."""
        renamed = {"times": "times_left"}
        facts = {renamed.get(name, name): value for name, value in how.items()}
        self.fabric.faults.set(Fault(kind=kind, **(facts | {"blocks": frozenset(how.get("blocks", ()))})))

    def vanish(self, block: str) -> None:
        self.fabric.blocks[block].is_present = False

    def come_back(self, block: str) -> None:
        self.fabric.blocks[block].is_present = True

    def reset(self, block: str) -> None:
        one = self.fabric.blocks[block]
        one.setting, one.image = AS_IT_COMES, None

    def detach(self, block: str) -> None:
        tag = self.fabric.blocks[block].tag
        self.fabric.unbind(block)
        if tag is not None:
            self.fabric.forget_if_empty(tag)

    def fail(self, block: str) -> None:
        self._say(block, "failed")

    def withdraw(self, block: str) -> None:
        self._say(block, "unavailable")

    def occupy(self, block: str) -> None:
        self.fabric.blocks[block].used_until = float("inf")

    def reboot(self, host: str) -> None:
        self.fabric.power(host=host, on=False)
        self.fabric.power(host=host, on=True)

    def attach_foreign(self, block: str, host: str, tag: str) -> None:
        """What was due by now and nobody looked at is overtaken by it, as on the emulated fabric."""
        system = self.fabric.systems.setdefault(tag, System(tag=tag, host=host, is_foreign=True))
        self.fabric.bind(block, system)

    def _say(self, block: str, health: str) -> None:
        one = self.fabric.blocks[block]
        one.health, one.image = health, None

    def driver_while_locked(self) -> tuple[Driver, Callable[[], None]]:
        return _Locked(), lambda: None


class _Locked:
    """A fabric that nobody may change just now."""

    def __getattr__(self, name: str) -> Any:
        def refuse(**_: Any) -> None:
            raise Transient("The fabric is busy.")

        return refuse


def _block(slot: int, code: str) -> Block:
    is_last = code == BLOCKS[-1]
    return Block(
        code=code,
        slot=slot,
        serial=f"SN-{code}",
        profiles={} if is_last else PROFILES,
        cap_max_w=0 if is_last else CAP_MAX_W,
    )
