"""Taking a mutation: is it allowed, what will become of each block, and when. `settling` then carries it out."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fabric.drivers.base import (
    BlockOutcome,
    Capabilities,
    CardSetting,
    Conflict,
    Done,
    Pending,
    Permanent,
    Precondition,
    Transient,
    Unknown,
)
from fabric.drivers.emulator import cards, replies, settling
from fabric.drivers.emulator.faults import Call, FaultKind, begin_call, drawn_block, strikes
from fabric.drivers.emulator.latency import draw_seconds
from fabric.drivers.emulator.seed import Simulation

FAILURE_OF = {
    "bind": FaultKind.BIND_FAILURE,
    "unbind": FaultKind.UNBIND_FAILURE,
    "clean": FaultKind.CLEAN_FAILURE,
    "configure": FaultKind.CONFIGURE_FAILURE,
}
REASON_OF = {
    "bind": "the link did not come up",
    "unbind": "the block did not let go",
    "clean": "the reset failed",
    "configure": "the card did not take the setting",
}
CAN_BE_PHANTOM = ("bind", "configure")


@dataclass(frozen=True, slots=True)
class Fabric:
    """One transaction on the emulated fabric, at one moment."""

    db: sqlite3.Connection
    now: float
    simulation: Simulation
    capabilities: Capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    op_key: str
    kind: str  # configure, compose, resize, decompose, clean
    tag: str = ""
    host: str = ""
    binds: Sequence[str] = ()
    unbinds: Sequence[str] = ()
    cleans: Sequence[str] = ()
    sets: Mapping[str, CardSetting] = field(default_factory=dict)

    @property
    def request(self) -> str:
        """What was asked, to tell a repeated call from another under the same key; a decompose asks by tag alone."""
        asked = [] if self.kind == "decompose" else [sorted(self.binds), sorted(self.unbinds), sorted(self.cleans)]
        wished = [{code: cards.to_text(setting) for code, setting in sorted(self.sets.items())}] if self.sets else []
        return json.dumps([self.kind, self.tag, self.host if self.kind == "compose" else "", asked, *wished])

    @property
    def acts(self) -> list[tuple[str, str]]:
        return (
            [(b, "bind") for b in self.binds]
            + [(b, "unbind") for b in self.unbinds]
            + [(b, "clean") for b in self.cleans]
            + [(b, "configure") for b in sorted(self.sets)]
        )


def repeated(fabric: Fabric, mutation: Mutation) -> Done | Pending | None:
    """The answer to a key that is known already. Raises Permanent if it was given to something else."""
    if not mutation.op_key:
        raise Permanent("A mutation needs an operation key.")
    known = fabric.db.execute("SELECT request FROM operation WHERE op_key = ?", (mutation.op_key,)).fetchone()
    if known is None:
        return None
    if known["request"] != mutation.request:
        raise Permanent("The operation key belongs to another request.", detail=mutation.op_key)
    return replies.reply(fabric.db, op_key=mutation.op_key, now=fabric.now)


def check_compose(fabric: Fabric, mutation: Mutation) -> None:
    """Raises what the contract says when host or blocks cannot be taken."""
    db, tag, host = fabric.db, mutation.tag, _host(fabric.db, mutation.host)
    if len(mutation.binds) > fabric.capabilities.blocks_max or len(tag) > fabric.capabilities.name_max or not tag:
        raise Permanent("Too many blocks for one machine, or no usable name.")
    if db.execute("SELECT 1 FROM machine WHERE tag = ?", (tag,)).fetchone():
        raise Conflict(f"There is a machine {tag} already.")
    _require_name(db, tag)
    if other := db.execute("SELECT tag FROM machine WHERE host = ?", (host["code"],)).fetchone():
        raise Conflict(f"Host {host['code']} is in use by somebody else.", detail=other["tag"])
    if fabric.capabilities.needs_host_off and host["is_on"]:
        raise Precondition(f"Host {host['code']} must be off.")
    check_binds(fabric, mutation)


def check_binds(fabric: Fabric, mutation: Mutation) -> None:
    rows = _blocks(fabric.db, mutation.binds)
    if astray := [r["code"] for r in rows if r["fixed_host"] not in (None, mutation.host)]:
        raise Permanent(f"Fixed in another host: {', '.join(astray)}.", blocks=astray)
    _require_idle(fabric.db, rows, than=("bind", "configure"))


def check_resize(fabric: Fabric, mutation: Mutation) -> None:
    """Raises what the contract says when the machine cannot be changed so, or a device is in use that shall go."""
    if not fabric.capabilities.can_resize:
        raise Permanent("This fabric changes no machine that is in use.")
    host = _host(fabric.db, mutation.host)
    if fabric.capabilities.needs_host_off and host["is_on"]:
        raise Precondition(f"Host {host['code']} must be off.")
    check_idle(fabric, mutation)
    check_binds(fabric, mutation)


def check_idle(fabric: Fabric, mutation: Mutation) -> None:
    """A device that a process holds does not let go. Raises Precondition."""
    if busy := sorted(set(in_use(fabric, tag=mutation.tag)) & set(mutation.unbinds)):
        raise Precondition(f"In use: {', '.join(busy)}.", blocks=busy)


def in_use(fabric: Fabric, *, tag: str) -> list[str]:
    rows = fabric.db.execute("SELECT code FROM block WHERE tag = ? AND busy_until > ?", (tag, fabric.now))
    return [row["code"] for row in rows]


def check_configure(fabric: Fabric, mutation: Mutation) -> None:
    """Raises what the contract says when a card is held by anybody, or cannot be set so."""
    rows = _blocks(fabric.db, mutation.sets)
    if not mutation.tag:
        raise Permanent("No usable name.")
    _require_name(fabric.db, mutation.tag)
    _require_idle(fabric.db, rows, than=tuple(FAILURE_OF))
    if unfit := {r["code"]: why for r in rows if (why := cards.misfit(r, mutation.sets[r["code"]]))}:
        told = "; ".join(f"{code} {why}" for code, why in sorted(unfit.items()))
        raise Permanent(f"Cannot be set: {told}.", blocks=sorted(unfit))


def _require_name(db: sqlite3.Connection, tag: str) -> None:
    """A late call of a worker that was overtaken comes under a name that has been given up."""
    if db.execute("SELECT 1 FROM operation WHERE tag = ? AND kind = 'decompose'", (tag,)).fetchone():
        raise Conflict(f"The name {tag} has been given up.")


def _require_idle(db: sqlite3.Connection, rows: Sequence[sqlite3.Row], *, than: Sequence[str]) -> None:
    """There, clean, nobody's, and none of these acts under way on it."""
    open_lines = db.execute("SELECT block, act FROM line WHERE is_settled = 0")
    busy = {line["block"] for line in open_lines if line["act"] in than}
    if taken := [r["code"] for r in rows if not r["is_present"] or r["tag"] is not None or r["code"] in busy]:
        raise Conflict(f"In use or not there: {', '.join(taken)}.", blocks=taken)
    if dirty := [r["code"] for r in rows if not r["is_clean"]]:
        raise Precondition(f"Not clean since the last use: {', '.join(dirty)}.", blocks=dirty)


def check_clean(fabric: Fabric, mutation: Mutation) -> None:
    if attached := [r["code"] for r in _blocks(fabric.db, mutation.cleans) if r["tag"] is not None]:
        raise Conflict(f"Still attached: {', '.join(attached)}.", blocks=attached)


def take(fabric: Fabric, mutation: Mutation) -> Done | Pending | Transient | Unknown:
    """Write the operation down with what will become of every block; the error that the caller is to get is returned.

    Returned and not raised, because a fault that has struck is used up even where nothing was done.
    """
    db = fabric.db
    call = begin_call(db, operation=mutation.kind, name=mutation.op_key, seed=fabric.simulation.seed)
    running = db.execute("SELECT count(*) AS n FROM operation WHERE state = 'running'").fetchone()["n"]
    if running >= fabric.capabilities.max_parallel_mutations:
        return Transient(f"The fabric is busy with {running} changes.")
    if strikes(db, FaultKind.BUSY, call):
        return Transient("The fabric manager is busy.")
    if strikes(db, FaultKind.LOST_BEFORE, call):
        return Unknown("The fabric manager did not answer.", detail="lost before commit")
    db.execute(
        "INSERT INTO operation (op_key, kind, tag, host, request, submitted_at) VALUES (?, ?, ?, ?, ?, ?)",
        (mutation.op_key, mutation.kind, mutation.tag, mutation.host, mutation.request, fabric.now),
    )
    _write_lines(fabric, mutation, call)
    settling.settle(db, now=fabric.now)
    if strikes(db, FaultKind.LOST_AFTER, call):
        return Unknown("The fabric manager did not answer.", detail="lost after commit")
    return replies.reply(db, op_key=mutation.op_key, now=fabric.now)


def call_off_running(fabric: Fabric, *, tag: str = "", blocks: Sequence[str] = ()) -> None:
    """A later wish for the same machine or blocks ends an earlier one, finished or stuck."""
    asked = json.dumps(sorted(blocks))
    rows = fabric.db.execute(
        "SELECT op_key FROM operation WHERE state = 'running' AND ((? <> '' AND tag = ?) OR EXISTS (SELECT 1 FROM line "
        "WHERE line.op_key = operation.op_key AND act IN ('bind', 'clean', 'configure') "
        "AND block IN (SELECT value FROM json_each(?))))",
        (tag, tag, asked),
    ).fetchall()
    for row in rows:
        settling.call_off(fabric.db, op_key=row["op_key"], now=fabric.now)


def _write_lines(fabric: Fabric, mutation: Mutation, call: Call) -> None:
    db = fabric.db
    everything = [block for block, _ in mutation.acts]
    failing = drawn_block(db, FaultKind.PARTIAL, call, everything)
    if vanishing := drawn_block(db, FaultKind.VANISH, call, everything):
        db.execute("UPDATE block SET is_present = 0 WHERE code = ?", (vanishing,))
    is_stuck = strikes(db, FaultKind.STUCK, call) is not None
    slow = strikes(db, FaultKind.SLOW, call)
    stretch = fabric.simulation.latency_scale * (slow.factor if slow else 1.0)
    adding = 0.0
    for position, (block, act) in enumerate(mutation.acts):
        seconds = round(stretch * _seconds(fabric, mutation, block, act), 3)
        adding = max(adding, seconds) if act == "bind" else adding
        due_at = None if is_stuck else fabric.now + seconds + (adding if act != "bind" else 0.0)
        verdict, reason = _verdict(db, call, block, act, is_failing=block == failing)
        db.execute(
            "INSERT INTO line (op_key, position, block, act, seconds, due_at, verdict, reason, setting) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (mutation.op_key, position, block, act, seconds, due_at, verdict, reason, _setting_of(mutation, block)),
        )
        if act == "bind":
            _write_arrival(db, call, op_key=mutation.op_key, block=block)
    if mutation.binds and not _host(db, mutation.host)["hot_add"]:
        settling.boot(db, host=mutation.host)


def _write_arrival(db: sqlite3.Connection, call: Call, *, op_key: str, block: str) -> None:
    """How the device will be once it is bound: its link, and a process on it."""
    full = db.execute("SELECT lanes FROM block WHERE code = ?", (block,)).fetchone()["lanes"]
    lanes = full // 2 if full and strikes(db, FaultKind.NARROW, call, block) else None
    work = strikes(db, FaultKind.IN_USE, call, block)
    db.execute(
        "UPDATE line SET lanes = ?, work_seconds = ? WHERE op_key = ? AND block = ?",
        (lanes, work.factor if work else None, op_key, block),
    )


def _setting_of(mutation: Mutation, block: str) -> str:
    return cards.to_text(mutation.sets[block]) if block in mutation.sets else ""


def _verdict(db: sqlite3.Connection, call: Call, block: str, act: str, *, is_failing: bool) -> tuple[BlockOutcome, str]:
    if is_failing or strikes(db, FAILURE_OF[act], call, block):
        return BlockOutcome.NOT_DONE, REASON_OF[act]
    if act in CAN_BE_PHANTOM and strikes(db, FaultKind.PHANTOM, call, block):
        return BlockOutcome.DONE, settling.PHANTOM
    return BlockOutcome.DONE, ""


def _seconds(fabric: Fabric, mutation: Mutation, block: str, act: str) -> float:
    """Binds of one mutation run side by side. A device of a fixed system is granted, not moved: no time at all."""
    simulation = fabric.simulation
    spread = {
        "bind": simulation.bind_seconds,
        "unbind": simulation.unbind_seconds,
        "clean": simulation.clean_seconds,
        "configure": simulation.configure_seconds,
    }[act]
    row = fabric.db.execute("SELECT fixed_host FROM block WHERE code = ?", (block,)).fetchone()
    if row["fixed_host"] is not None and act in ("bind", "unbind"):
        return 0.0
    drawn = draw_seconds(spread=spread, seed=f"{simulation.seed}:{mutation.op_key}:{act}:{block}")
    return drawn + (_reboot_seconds(fabric.db, mutation.host) if act == "bind" else 0.0)


def _reboot_seconds(db: sqlite3.Connection, host: str) -> float:
    """A host without hot-add sees new devices only after a reboot; giving them back needs none, it is off by then."""
    row = _host(db, host)
    return 0.0 if row["hot_add"] else float(row["reboot_seconds"])


def _host(db: sqlite3.Connection, code: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("SELECT * FROM host WHERE code = ?", (code,)).fetchone()
    if row is None:
        raise Permanent(f"There is no host {code}.")
    return row


def _blocks(db: sqlite3.Connection, codes: Iterable[str]) -> list[sqlite3.Row]:
    wanted = list(codes)
    if len(set(wanted)) != len(wanted):
        raise Permanent("A block is named twice.")
    rows = db.execute(
        "SELECT * FROM block WHERE code IN (SELECT value FROM json_each(?))", (json.dumps(wanted),)
    ).fetchall()
    if unknown := sorted(set(wanted) - {row["code"] for row in rows}):
        raise Permanent(f"There is no block {', '.join(unknown)}.", blocks=unknown)
    return rows
