"""A fabric in memory that keeps the whole contract of a driver, and knows what is really so.

It settles what is due whenever it is asked, like the emulator, and costs microseconds where that costs milliseconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fabric.drivers.base import (
    Capabilities,
    CardSetting,
    Done,
    Inventory,
    Machine,
    Pending,
    Permanent,
    Precondition,
    Proof,
    SeenDevice,
    Unknown,
)
from fabric.drivers.emulator.faults import FaultKind
from tests.simulation.matter import System
from tests.simulation.refusing import check_clean, check_compose, check_configure, check_resize
from tests.simulation.workings import CAPABILITIES, Workings


class MemoryFabric(Workings):
    """The contract, call by call."""

    def capabilities(self) -> Capabilities:
        return self._capabilities

    def inventory(self) -> Inventory:
        self._read("inventory")
        devices = tuple(block.seen() for block in self.blocks.values() if block.is_present)
        machines = tuple(self._machine(system) for system in self.systems.values())
        is_complete = self.faults.strikes(FaultKind.PARTIAL_LISTING, "inventory") is None
        return Inventory(
            devices=devices if is_complete else devices[::2],
            machines=machines,
            is_complete=is_complete,
            hosts=tuple(self._host_seen(host) for host in self.hosts.values()),
        )

    def poll(self, op_key: str) -> Done | Pending:
        self._read("poll")
        if op_key not in self.operations:
            raise Unknown("The fabric does not know this operation.", detail=op_key)
        return self._reply(self.operations[op_key])

    def read(self, tag: str) -> Machine | None:
        self._read("read")
        system = self.systems.get(tag)
        return None if system is None else self._machine(system)

    def find(self, *, tag: str, blocks: Sequence[str]) -> tuple[SeenDevice, ...]:
        self._read("find")
        known = self.blocks
        if unknown := [code for code in blocks if code not in known]:
            raise Permanent(f"There is no block {', '.join(sorted(unknown))}.", blocks=sorted(unknown))
        return tuple(known[code].seen() for code in sorted(blocks) if known[code].is_present)

    def prove(self, *, tag: str, expected: Sequence[str]) -> Proof:
        self._read("prove")
        system = self.systems.get(tag)
        if system is None:
            return Proof(devices=(), missing=frozenset(expected), extra=frozenset())
        if not self.hosts[system.host].is_on:
            raise Precondition(f"Host {system.host} is off.")
        shown = {code: block for code, block in self.blocks.items() if block.host == system.host and block.is_present}
        wanted = frozenset(expected)
        return Proof(
            devices=tuple(block.seen() for block in shown.values()),
            missing=wanted - shown.keys(),
            extra=frozenset(shown.keys() - wanted),
        )

    def in_use(self, tag: str) -> frozenset[str]:
        self._read("in_use")
        system = self.systems.get(tag)
        if system is None or not self.hosts[system.host].is_on:
            return frozenset()
        return frozenset(code for code in system.blocks if self.blocks[code].used_until > self.now)

    def events(self, cursor: str) -> Iterable[str]:
        self.settle()
        return [f"{number} {what}" for number, what in enumerate(self.notes, start=1) if number > int(cursor or 0)]

    def configure(self, *, op_key: str, tag: str, settings: Mapping[str, CardSetting]) -> Done | Pending:
        request = ("configure", tag, tuple(sorted((code, str(one)) for code, one in settings.items())))
        if (known := self._repeated(op_key, request)) is not None:
            return known
        check_configure(self, tag, settings)
        operation = self._submit(op_key, "configure", tag, "", request)
        self._add_lines(operation, "configure", sorted(settings), settings=settings)
        return self._answer(operation)

    def compose(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> Done | Pending:
        request = ("compose", tag, host, tuple(sorted(blocks)))
        if (known := self._repeated(op_key, request)) is not None:
            return known
        check_compose(self, tag, host, blocks)
        operation = self._submit(op_key, "compose", tag, host, request)
        self.systems[tag] = System(tag=tag, host=host)
        self._add_lines(operation, "bind", blocks)
        return self._answer(operation)

    def resize(self, *, op_key: str, tag: str, add: Sequence[str], remove: Sequence[str]) -> Done | Pending:
        self.settle()
        self._refuse_foreign(tag)
        request = ("resize", tag, tuple(sorted(add)), tuple(sorted(remove)))
        if (known := self._repeated(op_key, request)) is not None:
            return known
        host = check_resize(self, tag, add, remove)
        self._refuse_in_use(tag, remove)
        operation = self._submit(op_key, "resize", tag, host, request)
        adding = self._add_lines(operation, "bind", add)
        self._add_lines(operation, "unbind", remove, after=adding)
        return self._answer(operation)

    def decompose(self, *, op_key: str, tag: str) -> Done | Pending:
        self.settle()
        self._refuse_foreign(tag)
        request = ("decompose", tag)
        if (known := self._repeated(op_key, request)) is not None:
            return known
        system = self.systems.get(tag)
        self._refuse_in_use(tag, system.blocks if system else ())
        self._call_off([one for one in self.running.values() if one.tag == tag])
        operation = self._submit(op_key, "decompose", tag, system.host if system else "", request)
        self.given_up.add(tag)
        self._add_lines(operation, "unbind", sorted(system.blocks) if system else ())
        return self._answer(operation)

    def clean(self, *, op_key: str, blocks: Sequence[str]) -> Done | Pending:
        request = ("clean", tuple(sorted(blocks)))
        if (known := self._repeated(op_key, request)) is not None:
            return known
        check_clean(self, blocks)
        wanted = set(blocks)
        self._call_off(
            [
                one
                for one in self.running.values()
                if one.kind in ("clean", "configure") and any(line.block in wanted for line in one.lines)
            ]
        )
        operation = self._submit(op_key, "clean", "", "", request)
        self._add_lines(operation, "clean", blocks)
        return self._answer(operation)

    def power(self, *, host: str, on: bool) -> None:
        self.settle()
        if host not in self.hosts:
            raise Permanent(f"There is no host {host}.")
        one = self.hosts[host]
        if on and not one.is_on:
            one.boots += 1
        if not on:
            self._end_processes(host)
        one.is_on, one.image = on, None


def with_profile(profile: Mapping[str, Any]) -> Capabilities:
    return replace(CAPABILITIES, **profile)
