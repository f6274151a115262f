"""One small fabric a driver: six blocks and six hosts, a clock the test moves, and a way to make things go wrong.

A world says what is really so (`owners`), so that no test has to believe the driver it tests.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from fabric.drivers.base import AS_IT_COMES, CardSetting, Done, Driver, Pending
from fabric.drivers.emulator import EmulatedDevice, EmulatedHost, EmulatorDriver, create, faults, mischief
from fabric.drivers.emulator.faults import FaultKind
from fabric.drivers.emulator.truth import show as show_truth

BLOCKS = ("gpu-1", "gpu-2", "gpu-3", "gpu-4", "gpu-5", "gpu-6")
HOSTS = ("host-1", "host-2", "host-3", "host-4", "host-5", "host-6")
SIMULATION = {
    "seed": 7,
    "bind_seconds": {"p50": 8, "p95": 20},
    "unbind_seconds": {"p50": 5, "p95": 15},
    "bind_failure_probability": 0.01,
}
ASKED = BLOCKS[:2]
NOBODY = dict.fromkeys(BLOCKS)
LONG_SECONDS = 3600.0
ROUNDS_MAX = 8
PROFILES = {"1g.10gb": 7, "3g.40gb": 2}  # what every card but the last can be cut into; the last takes no cap either
CAP_MAX_W = 400
LANES = 16


class World(Protocol):
    driver: Driver
    picks_devices: bool  # the fabric chooses which of equal devices it attaches
    shows_names: bool  # the fabric tells under which name somebody holds a device

    def close(self) -> None:
        """Stop what was started for it."""

    def advance(self, seconds: float) -> None: ...

    def owners(self) -> Mapping[str, str | None]:
        """Which machine really holds each block."""

    def machines(self) -> Mapping[str, str]:
        """Tag → host of what is really composed."""

    def given(self, blocks: Sequence[str]) -> tuple[str, ...]:
        """What is attached when these are asked for at this moment: themselves, or equal ones, in order."""

    def bus(self, host: str) -> Mapping[str, str]:
        """What is really attached to a host, block → PCI address, whoever put it there."""

    def settings(self) -> Mapping[str, CardSetting]:
        """How each block is really set, of those that are not as they come."""

    def mutations_accepted(self) -> int: ...

    def composes(self, tag: str) -> int:
        """How often a machine of this name was really asked for and accepted."""

    def fault(self, kind: FaultKind, **how: Any) -> None: ...

    def vanish(self, block: str) -> None: ...

    def come_back(self, block: str) -> None: ...

    def reset(self, block: str) -> None:
        """The card forgets its setting behind our back."""

    def detach(self, block: str) -> None: ...

    def fail(self, block: str) -> None: ...

    def withdraw(self, block: str) -> None:
        """The fabric has taken it out of service."""

    def occupy(self, block: str) -> None:
        """A process runs on it from now on, until its host is switched off."""

    def reboot(self, host: str) -> None: ...

    def attach_foreign(self, block: str, host: str, tag: str) -> None: ...

    def driver_while_locked(self) -> tuple[Driver, Callable[[], None]]:
        """A driver with a short deadline on a fabric that does not answer, and how to let it answer again."""


class EmulatorWorld:
    picks_devices = False
    shows_names = True

    def __init__(self, folder: Path, **profile: Any) -> None:
        self.path = folder / "emulator" / "small.sqlite3"
        self.now = 1_000_000.0
        make_small(self.path)
        self.driver: Driver = EmulatorDriver(path=self.path, clock=lambda: self.now, profile=profile)

    def close(self) -> None:
        pass

    def advance(self, seconds: float) -> None:
        self.now += seconds

    def owners(self) -> Mapping[str, str | None]:
        return {block["code"]: block["machine"] for block in self.truth()["blocks"]}

    def machines(self) -> Mapping[str, str]:
        return {machine["tag"]: machine["host"] for machine in self.truth()["machines"]}

    def given(self, blocks: Sequence[str]) -> tuple[str, ...]:
        return tuple(blocks)

    def bus(self, host: str) -> Mapping[str, str]:
        return {block["code"]: block["address"] for block in self.truth()["blocks"] if block["host"] == host}

    def settings(self) -> Mapping[str, CardSetting]:
        found = {
            block["code"]: CardSetting(layout=block["layout"], power_cap_w=block["power_cap_w"])
            for block in self.truth()["blocks"]
        }
        return {code: setting for code, setting in found.items() if setting != AS_IT_COMES}

    def mutations_accepted(self) -> int:
        return len(self.truth()["operations"])

    def composes(self, tag: str) -> int:
        return [(one["kind"], one["tag"]) for one in self.truth()["operations"]].count(("compose", tag))

    def fault(self, kind: FaultKind, **how: Any) -> None:
        faults.set_fault(path=self.path, kind=kind, **how)

    def vanish(self, block: str) -> None:
        mischief.vanish(path=self.path, block=block, now=self.now)

    def come_back(self, block: str) -> None:
        mischief.come_back(path=self.path, block=block, now=self.now)

    def reset(self, block: str) -> None:
        mischief.reset(path=self.path, block=block, now=self.now)

    def detach(self, block: str) -> None:
        mischief.detach(path=self.path, block=block, now=self.now)

    def fail(self, block: str) -> None:
        mischief.fail(path=self.path, block=block, now=self.now)

    def withdraw(self, block: str) -> None:
        mischief.withdraw(path=self.path, block=block, now=self.now)

    def occupy(self, block: str) -> None:
        mischief.occupy(path=self.path, block=block, now=self.now)

    def reboot(self, host: str) -> None:
        mischief.reboot(path=self.path, host=host, now=self.now)

    def attach_foreign(self, block: str, host: str, tag: str) -> None:
        mischief.attach(path=self.path, block=block, host=host, tag=tag, now=self.now)

    def driver_while_locked(self) -> tuple[Driver, Callable[[], None]]:
        holder = sqlite3.connect(self.path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        return EmulatorDriver(path=self.path, clock=lambda: self.now, call_seconds_max=0.01), holder.close

    def truth(self) -> dict[str, Any]:
        return show_truth(path=self.path, now=self.now)


def make_small(path: Path, **simulation: Any) -> None:
    create(
        path=path,
        devices=[
            EmulatedDevice(
                code=code,
                device_class="gpu",
                serial=f"SN-{code}",
                pci_id="10de:2321",
                slot=slot,
                mig_profiles={} if code == BLOCKS[-1] else PROFILES,
                power_cap_max_w=0 if code == BLOCKS[-1] else CAP_MAX_W,
                lanes=LANES,
            )
            for slot, code in enumerate(BLOCKS, start=1)
        ],
        hosts=[EmulatedHost(code=code, address=f"{code}.example") for code in HOSTS],
        simulation={**SIMULATION, **simulation},
    )


def held(blocks: Sequence[str], *, tag: str = "t-1") -> dict[str, str | None]:
    """Who holds what when these are of a machine and nothing else is."""
    return {**NOBODY, **dict.fromkeys(blocks, tag)}


def finish(world: World, reply: Done | Pending) -> Done:
    """Let time pass until the operation ends; one that is many requests to its fabric may need some more."""
    for _ in range(ROUNDS_MAX):
        if isinstance(reply, Done):
            return reply
        world.advance(LONG_SECONDS)
        reply = world.driver.poll(reply.op_key)
    raise AssertionError("It does not end.")


def compose(world: World, *, tag: str = "t-1", host: str = "host-1", blocks: tuple[str, ...] = ASKED) -> Done:
    return finish(world, world.driver.compose(op_key=f"{tag}/compose", tag=tag, host=host, blocks=blocks))


def configure(world: World, settings: Mapping[str, CardSetting], *, tag: str = "t-1") -> Done:
    return finish(world, world.driver.configure(op_key=f"{tag}/configure", tag=tag, settings=settings))


def decompose(world: World, *, tag: str = "t-1") -> Done:
    return finish(world, world.driver.decompose(op_key=f"{tag}/decompose", tag=tag))
