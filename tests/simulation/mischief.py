"""What happens to the hardware behind everybody's back, and what people do. Drawn per minute; all of it ends."""

import random
from collections.abc import Callable
from functools import partial

from fabric.drivers.emulator.faults import FaultKind
from tests.simulation.bookings import Bookings
from tests.simulation.dials import Dials
from tests.simulation.faults import Fault
from tests.simulation.loop import Loop
from tests.simulation.matter import System
from tests.simulation.memory_fabric import MemoryFabric

AWAY_SECONDS = (20.0, 400.0)
OUTAGE_SECONDS = (30.0, 200.0)
RETURN_SHARE = 0.3  # per minute, of devices that vanished while they were being changed
USED_SECONDS = (5.0, 120.0)  # how long work goes on after the reservation's end


class Mischief:
    def __init__(
        self, *, fabric: MemoryFabric, bookings: Bookings, loop: Loop, rng: random.Random, dials: Dials
    ) -> None:
        self._fabric = fabric
        self._bookings = bookings
        self._store = bookings.store
        self._loop = loop
        self._rng = rng
        self._dials = dials
        self._later: dict[int, Callable[[], None]] = {}
        self._numbers = 0
        self.is_over = False
        self.done = 0
        self._acts = {
            "vanishing": self._vanish,
            "failing": self._fail,
            "pulling": self._pull,
            "stranger": self._stranger,
            "revenant": self._revenant,
            "reboot": self._reboot,
            "outage": self._outage,
            "pause": self._pause,
        }

    def minute(self) -> None:
        if self.is_over:
            return
        for block in self._fabric.blocks.values():
            if not block.is_present and not self._later and self._rng.random() < RETURN_SHARE:
                self._come_back(block.code)
        for name, act in self._acts.items():
            if self._dials.of(name) and self._rng.random() < self._dials.of(name):
                self._loop.after(self._rng.uniform(0.0, 59.0), partial(self._do, act))

    def _do(self, act: Callable[[], None]) -> None:
        if not self.is_over:
            self.done += 1
            act()

    def begin_faults(self) -> None:
        for kind, probability in self._dials.fabric.items():
            self._fabric.faults.set(Fault(kind=kind, probability=probability))

    def stop(self) -> None:
        """Everything that is still away comes back, and nothing more happens."""
        self.is_over = True
        self._fabric.faults.clear()
        for act in list(self._later.values()):
            act()
        for block in self._fabric.blocks.values():
            if not block.is_present or block.health != "ok":
                block.is_present, block.health, block.touched_at = True, "ok", self._loop.now
            block.used_until, block.image = 0.0, None
        self._fabric.unstick()

    def use(self, code: str) -> None:
        """Work begins on a device of an active node, and goes on for longer than the reservation."""
        self._fabric.now = self._loop.now
        self._fabric.settle()
        block = self._fabric.blocks[code]
        if block.tag is not None:
            block.used_until = self._loop.now + self._rng.uniform(*USED_SECONDS)

    def _vanish(self) -> None:
        block = self._drawn(lambda code: self._fabric.blocks[code].is_present)
        if block is not None:
            self._fabric.blocks[block].is_present = False
            self._loop.note(f"{block} vanishes")
            self._until(AWAY_SECONDS, lambda: self._come_back(block))

    def _come_back(self, block: str) -> None:
        self._fabric.blocks[block].is_present = True
        self._touch(block)
        self._loop.note(f"{block} is back")

    def _fail(self) -> None:
        block = self._drawn(lambda code: self._fabric.blocks[code].tag is not None)
        if block is not None:
            self._health(block, "failed")
            self._until(AWAY_SECONDS, lambda: self._health(block, "ok"))

    def _health(self, block: str, health: str) -> None:
        one = self._fabric.blocks[block]
        one.health, one.image = health, None
        self._touch(block)
        self._loop.note(f"{block} is {health}")

    def _pull(self) -> None:
        """Somebody takes it off its host by hand; its machine stays until it has no device."""
        block = self._drawn(lambda code: self._fabric.blocks[code].tag is not None)
        if block is not None:
            tag = self._fabric.blocks[block].tag
            self._fabric.unbind(block)
            self._loop.note(f"{block} is pulled off {tag}")

    def _stranger(self) -> None:
        block = self._drawn(lambda code: self._fabric.blocks[code].tag is None)
        if block is None:
            return
        self._numbers += 1
        tag, host = f"stranger-{self._numbers}", self._rng.choice(sorted(self._fabric.hosts))
        self._fabric.systems[tag] = System(tag=tag, host=host, is_foreign=True)
        self._fabric.bind(block, self._fabric.systems[tag])
        self._loop.note(f"{tag} takes {block}")
        self._until(AWAY_SECONDS, lambda: self._leave(tag, block))

    def _leave(self, tag: str, block: str) -> None:
        self._touch(block)
        if self._fabric.blocks[block].tag == tag:
            self._fabric.unbind(block)
        self._fabric.forget_if_empty(tag)
        self._loop.note(f"{tag} leaves {block}")

    def _revenant(self) -> None:
        """A fabric that was restarted shows an old composition of ours again, which is over and proven gone."""
        ours = self._store.compositions
        if any(tag in ours and tag not in self._store.live for tag in self._fabric.systems):
            return  # one at a time
        over = [tag for tag in ours if tag not in self._store.live and tag not in self._fabric.systems]
        block = self._drawn(lambda code: self._fabric.blocks[code].tag is None) if over else None
        if block is not None:
            tag = self._rng.choice(over)
            self._fabric.systems[tag] = System(tag=tag, host=ours[tag].host, is_revenant=True)
            self._fabric.bind(block, self._fabric.systems[tag])
            self._loop.note(f"{tag} is back, with {block}")

    def _reboot(self) -> None:
        host = self._rng.choice(sorted(self._fabric.hosts))
        if self._fabric.hosts[host].is_on:
            self._fabric.power(host=host, on=False)
            self._fabric.power(host=host, on=True)
            self._loop.note(f"{host} reboots")

    def _outage(self) -> None:
        faults = [Fault(kind=kind) for kind in (FaultKind.UNREADABLE, FaultKind.BUSY)]
        for fault in faults:
            self._fabric.faults.set(fault)
        self._loop.note("the fabric is silent")
        self._until(OUTAGE_SECONDS, lambda: self._speak(faults))

    def _speak(self, faults: list[Fault]) -> None:
        for fault in faults:
            fault.times_left = 0
        self._loop.note("the fabric speaks")

    def _pause(self) -> None:
        self._store.paused = "An operator looks at it."
        self._loop.note("an operator pauses the fabric")
        self._until(OUTAGE_SECONDS, self._resume)

    def _resume(self) -> None:
        self._store.paused = ""
        self._loop.note("an operator resumes the fabric")

    def _drawn(self, is_meant: Callable[[str], bool]) -> str | None:
        self._fabric.now = self._loop.now
        self._fabric.settle()
        meant = [code for code in self._fabric.blocks if is_meant(code)]
        drawn = self._rng.choice(meant) if meant else None
        if drawn is not None:
            self._touch(drawn)
        return drawn

    def _touch(self, block: str) -> None:
        self._fabric.blocks[block].touched_at = self._loop.now

    def _until(self, seconds: tuple[float, float], act: Callable[[], None]) -> None:
        """What ends after a while, or when all mischief ends."""
        self._numbers += 1
        number = self._numbers

        def once() -> None:
            if self._later.pop(number, None) is not None:
                self.done += 1
                act()

        self._later[number] = once
        self._loop.after(self._rng.uniform(*seconds), once)
