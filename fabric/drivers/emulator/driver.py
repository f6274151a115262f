"""The driver of the emulated fabric: a call is one transaction of its file and first settles what is due."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from fabric.drivers.base import (
    Capabilities,
    CardSetting,
    Conflict,
    Done,
    DriverError,
    Inventory,
    Machine,
    Pending,
    Permanent,
    Precondition,
    Proof,
    SeenDevice,
    Transient,
    Unknown,
)
from fabric.drivers.emulator import mutations, replies, settling, store
from fabric.drivers.emulator.faults import FaultKind, begin_call, is_any_on, strikes
from fabric.drivers.emulator.mutations import Fabric, Mutation
from fabric.drivers.emulator.seed import read_simulation

CAPABILITIES = Capabilities(
    max_parallel_mutations=4,
    needs_host_off=False,
    is_async=True,
    can_resize=True,
    blocks_max=64,
    name_max=64,
    attach_seconds_max=1500,  # 15 min to attach and 10 min more for a power cycle
    detach_seconds_max=900,
    notes=("emulated",),
)


class EmulatorDriver:
    """Drives the fabric in the file at `path`. `clock` gives seconds; `profile` overlays the capabilities.

    Any number of these, in any number of threads and processes, may work on one file.
    """

    def __init__(
        self,
        *,
        path: Path,
        clock: Callable[[], float],
        profile: Mapping[str, Any] | None = None,
        call_seconds_max: float = store.CALL_SECONDS_MAX,
    ) -> None:
        self._path = path
        self._clock = clock
        self._call_seconds_max = call_seconds_max
        known = {field.name for field in fields(Capabilities)} - {"notes"}
        self._capabilities = replace(CAPABILITIES, **{k: v for k, v in (profile or {}).items() if k in known})

    def capabilities(self) -> Capabilities:
        return self._capabilities

    def inventory(self) -> Inventory:
        with self._reading("inventory") as fabric:
            devices = replies.seen(fabric.db.execute("SELECT * FROM block WHERE is_present = 1 ORDER BY code"))
            hosts = replies.hosts(fabric.db.execute("SELECT * FROM host ORDER BY code"))
            tags = [row["tag"] for row in fabric.db.execute("SELECT tag FROM machine ORDER BY tag")]
            machines = tuple(m for tag in tags if (m := replies.machine(fabric.db, tag=tag)) is not None)
            may_be_partial = is_any_on(fabric.db, FaultKind.PARTIAL_LISTING)
        if may_be_partial and self._is_struck(FaultKind.PARTIAL_LISTING, "inventory"):
            return Inventory(devices=devices[::2], machines=machines, is_complete=False, hosts=hosts)
        return Inventory(devices=devices, machines=machines, hosts=hosts)

    def configure(self, *, op_key: str, tag: str, settings: Mapping[str, CardSetting]) -> Done | Pending:
        mutation = Mutation(op_key=op_key, kind="configure", tag=tag, sets=settings)
        with self._fabric() as fabric:
            if (answer := mutations.repeated(fabric, mutation)) is not None:
                return answer
            mutations.check_configure(fabric, mutation)
            result = mutations.take(fabric, mutation)
        return _given(result)

    def compose(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> Done | Pending:
        mutation = Mutation(op_key=op_key, kind="compose", tag=tag, host=host, binds=tuple(blocks))
        with self._fabric() as fabric:
            if (answer := mutations.repeated(fabric, mutation)) is not None:
                return answer
            mutations.check_compose(fabric, mutation)
            result = mutations.take(fabric, mutation)
            if _is_taken(result):
                fabric.db.execute("INSERT INTO machine VALUES (?, ?, 0, ?)", (tag, host, fabric.now))
                if isinstance(result, Done):
                    result = replies.reply(fabric.db, op_key=op_key, now=fabric.now)
        return _given(result)

    def resize(self, *, op_key: str, tag: str, add: Sequence[str], remove: Sequence[str]) -> Done | Pending:
        with self._fabric() as fabric:
            machine = _our_machine(fabric, tag)
            host = machine.host if machine else ""
            mutation = Mutation(
                op_key=op_key, kind="resize", tag=tag, host=host, binds=tuple(add), unbinds=tuple(remove)
            )
            if (answer := mutations.repeated(fabric, mutation)) is not None:
                return answer
            if machine is None:
                raise Conflict(f"There is no machine {tag}.")
            if strangers := sorted(set(remove) - machine.blocks):
                raise Conflict(f"Not of {tag}: {', '.join(strangers)}.", blocks=strangers)
            mutations.check_resize(fabric, mutation)
            mutations.call_off_running(fabric, tag=tag)
            result = mutations.take(fabric, mutation)
        return _given(result)

    def decompose(self, *, op_key: str, tag: str) -> Done | Pending:
        with self._fabric() as fabric:
            machine = _our_machine(fabric, tag)
            blocks = [
                r["code"] for r in fabric.db.execute("SELECT code FROM block WHERE tag = ? ORDER BY code", (tag,))
            ]
            mutation = Mutation(
                op_key=op_key, kind="decompose", tag=tag, host=machine.host if machine else "", unbinds=tuple(blocks)
            )
            if (answer := mutations.repeated(fabric, mutation)) is not None:
                return answer
            mutations.check_idle(fabric, mutation)
            mutations.call_off_running(fabric, tag=tag)
            result = mutations.take(fabric, mutation)
        return _given(result)

    def clean(self, *, op_key: str, blocks: Sequence[str]) -> Done | Pending:
        mutation = Mutation(op_key=op_key, kind="clean", cleans=tuple(blocks))
        with self._fabric() as fabric:
            if (answer := mutations.repeated(fabric, mutation)) is not None:
                return answer
            mutations.check_clean(fabric, mutation)
            mutations.call_off_running(fabric, blocks=blocks)
            result = mutations.take(fabric, mutation)
        return _given(result)

    def poll(self, op_key: str) -> Done | Pending:
        with self._reading("poll") as fabric:
            if not fabric.db.execute("SELECT 1 FROM operation WHERE op_key = ?", (op_key,)).fetchone():
                raise Unknown("The fabric does not know this operation.", detail=op_key)
            return replies.reply(fabric.db, op_key=op_key, now=fabric.now)

    def read(self, tag: str) -> Machine | None:
        with self._reading("read") as fabric:
            return replies.machine(fabric.db, tag=tag)

    def find(self, *, tag: str, blocks: Sequence[str]) -> tuple[SeenDevice, ...]:
        with self._reading("find") as fabric:
            return replies.seen(row for row in _known_blocks(fabric, blocks) if row["is_present"])

    def power(self, *, host: str, on: bool) -> None:
        """Off ends what runs on it; on, from off, is a boot."""
        with self._fabric() as fabric:
            row = fabric.db.execute("SELECT is_on FROM host WHERE code = ?", (host,)).fetchone()
            if row is None:
                raise Permanent(f"There is no host {host}.")
            fabric.db.execute("UPDATE host SET is_on = ? WHERE code = ?", (int(on), host))
            if not on:
                settling.let_go(fabric.db, host=host)
            elif not row["is_on"]:
                settling.boot(fabric.db, host=host)

    def in_use(self, tag: str) -> frozenset[str]:
        with self._reading("in_use") as fabric:
            return frozenset(mutations.in_use(fabric, tag=tag))

    def prove(self, *, tag: str, expected: Sequence[str]) -> Proof:
        """What the machine's host sees on its bus, whoever put it there. Raises Precondition while it is off."""
        with self._reading("prove") as fabric:
            machine = fabric.db.execute(
                "SELECT host.code, is_on FROM machine JOIN host ON host.code = machine.host WHERE tag = ?", (tag,)
            ).fetchone()
            if machine is None:
                return Proof(devices=(), missing=frozenset(expected), extra=frozenset())
            if not machine["is_on"]:
                raise Precondition(f"Host {machine['code']} is off.")
            rows = fabric.db.execute(
                "SELECT * FROM block WHERE host = ? AND is_present = 1 ORDER BY code", (machine["code"],)
            ).fetchall()
            shown = {row["code"] for row in rows}
            wanted = frozenset(expected)
            return Proof(devices=replies.seen(rows), missing=wanted - shown, extra=frozenset(shown - wanted))

    def events(self, cursor: str) -> Iterable[str]:
        """Each begins with its number, which is the next cursor; "" begins at the first."""
        with self._fabric() as fabric:
            rows = fabric.db.execute("SELECT * FROM event WHERE seq > ? ORDER BY seq", (int(cursor or 0),)).fetchall()
        return [f"{row['seq']} {row['what']}" for row in rows]

    @contextmanager
    def _fabric(self) -> Iterator[Fabric]:
        with store.transaction(self._path, seconds_max=self._call_seconds_max) as db:
            now = self._clock()
            settling.settle(db, now=now)
            yield Fabric(db=db, now=now, simulation=read_simulation(db), capabilities=self._capabilities)

    @contextmanager
    def _reading(self, name: str) -> Iterator[Fabric]:
        """The present, without writing where nothing became due and no fault on reads is switched on."""
        now = self._clock()
        self._catch_up(name, now=now)
        with store.snapshot(self._path, seconds_max=self._call_seconds_max) as db:
            yield Fabric(db=db, now=now, simulation=read_simulation(db), capabilities=self._capabilities)

    def _catch_up(self, name: str, *, now: float) -> None:
        with store.snapshot(self._path, seconds_max=self._call_seconds_max) as db:
            if not (settling.is_anything_due(db, now=now) or is_any_on(db, FaultKind.UNREADABLE)):
                return
        if self._is_struck(FaultKind.UNREADABLE, name):
            raise Transient("The fabric manager could not be read.")

    def _is_struck(self, kind: FaultKind, name: str) -> bool:
        with self._fabric() as fabric:
            call = begin_call(fabric.db, operation=name, name="", seed=fabric.simulation.seed)
            return strikes(fabric.db, kind, call) is not None


def _is_taken(result: Done | Pending | Transient | Unknown) -> bool:
    """Whether the mutation stands in the file, told or not."""
    return not isinstance(result, Transient) and not (
        isinstance(result, Unknown) and result.detail == "lost before commit"
    )


def _given(result: Done | Pending | DriverError) -> Done | Pending:
    if isinstance(result, DriverError):
        raise result
    return result


def _our_machine(fabric: Fabric, tag: str) -> Machine | None:
    row = fabric.db.execute("SELECT is_foreign FROM machine WHERE tag = ?", (tag,)).fetchone()
    if row is not None and row["is_foreign"]:
        raise Conflict(f"{tag} is not ours.")
    return replies.machine(fabric.db, tag=tag)


def _known_blocks(fabric: Fabric, codes: Sequence[str]) -> list[Any]:
    rows = fabric.db.execute(
        "SELECT * FROM block WHERE code IN (SELECT value FROM json_each(?)) ORDER BY code", (json.dumps(list(codes)),)
    ).fetchall()
    if unknown := sorted(set(codes) - {row["code"] for row in rows}):
        raise Permanent(f"There is no block {', '.join(unknown)}.", blocks=unknown)
    return rows
