"""What becomes true as time passes: lines that are due are carried out, one block at a time, and operations end."""

import sqlite3

from fabric.drivers.base import AS_IT_COMES, BlockOutcome
from fabric.drivers.emulator import cards

FIRST_BUS = 0x21  # below it are the host's own devices
FOR_EVER = 1e12  # seconds
PHANTOM = "phantom"  # reason of a line that will be reported done and not carried out


def settle(db: sqlite3.Connection, *, now: float) -> None:
    """Carry out every line whose moment has come, in that order, then close what has no open line left."""
    due = db.execute(
        "SELECT line.*, operation.tag, operation.host FROM line JOIN operation USING (op_key) "
        "WHERE is_settled = 0 AND due_at <= ? ORDER BY due_at, op_key, position",
        (now,),
    ).fetchall()
    for line in due:
        _carry_out(db, line)
    ended = db.execute(
        "SELECT op_key, kind, tag FROM operation WHERE state = 'running' AND NOT EXISTS "
        "(SELECT 1 FROM line WHERE line.op_key = operation.op_key AND is_settled = 0)"
    ).fetchall()
    for operation in ended:
        end(db, op_key=operation["op_key"], state="done", now=now)
        if operation["kind"] == "decompose":
            forget_empty_machine(db, tag=operation["tag"])


def is_anything_due(db: sqlite3.Connection, *, now: float) -> bool:
    return db.execute("SELECT 1 FROM line WHERE is_settled = 0 AND due_at <= ? LIMIT 1", (now,)).fetchone() is not None


def end(db: sqlite3.Connection, *, op_key: str, state: str, now: float) -> None:
    db.execute("UPDATE operation SET state = ? WHERE op_key = ?", (state, op_key))
    note(db, now=now, what=f"operation {op_key} {state}")


def call_off(db: sqlite3.Connection, *, op_key: str, now: float) -> None:
    """Stop an operation where it is: what is bound stays bound, what is not never will be."""
    db.execute(
        "UPDATE line SET is_settled = 1, verdict = ?, reason = 'called off' WHERE op_key = ? AND is_settled = 0",
        (BlockOutcome.NOT_DONE, op_key),
    )
    end(db, op_key=op_key, state="called off", now=now)


def forget_empty_machine(db: sqlite3.Connection, *, tag: str) -> None:
    db.execute(
        "DELETE FROM machine WHERE tag = ? AND NOT EXISTS (SELECT 1 FROM block WHERE block.tag = machine.tag)", (tag,)
    )


def note(db: sqlite3.Connection, *, now: float, what: str) -> None:
    """An event: a hint for whoever listens."""
    db.execute("INSERT INTO event (at, what) VALUES (?, ?)", (now, what))


def boot(db: sqlite3.Connection, *, host: str) -> None:
    """It starts anew: what ran on it is gone."""
    db.execute("UPDATE host SET boots = boots + 1 WHERE code = ?", (host,))
    let_go(db, host=host)


def let_go(db: sqlite3.Connection, *, host: str) -> None:
    """No process holds a device of it any longer."""
    db.execute("UPDATE block SET busy_until = NULL WHERE host = ?", (host,))


def bind(db: sqlite3.Connection, *, block: str, host: str, tag: str) -> None:
    db.execute(
        "UPDATE block SET host = ?, tag = ?, address = ?, is_clean = 0 WHERE code = ?",
        (host, tag, _next_address(db, host), block),
    )


def unbind(db: sqlite3.Connection, *, block: str) -> None:
    db.execute(
        "UPDATE block SET host = NULL, tag = NULL, address = '', lanes_up = NULL, busy_until = NULL WHERE code = ?",
        (block,),
    )


def _carry_out(db: sqlite3.Connection, line: sqlite3.Row) -> None:
    verdict, reason = line["verdict"], line["reason"]
    if verdict == BlockOutcome.DONE and (hindrance := _hindrance(db, line)):
        verdict, reason = BlockOutcome.NOT_DONE, hindrance
    if verdict == BlockOutcome.DONE and reason != PHANTOM:
        _act(db, line)
    db.execute(
        "UPDATE line SET is_settled = 1, verdict = ?, reason = ? WHERE op_key = ? AND block = ?",
        (verdict, "" if reason == PHANTOM else reason, line["op_key"], line["block"]),
    )


def _hindrance(db: sqlite3.Connection, line: sqlite3.Row) -> str:
    """Why the block cannot do now what was asked when the operation was taken."""
    block = db.execute("SELECT * FROM block WHERE code = ?", (line["block"],)).fetchone()
    if line["act"] == "unbind":
        return _held_back(db, line)
    if not block["is_present"]:
        return "the device has vanished"
    if block["tag"] not in (None, line["tag"]):
        return "it belongs to somebody else"
    if line["act"] in ("clean", "configure") and block["tag"] is not None:
        return "it is attached"
    return ""


def _held_back(db: sqlite3.Connection, line: sqlite3.Row) -> str:
    """Adds before removes: where an addition has failed, the machine stays as it was."""
    failed = "SELECT 1 FROM line WHERE op_key = ? AND act = 'bind' AND is_settled = 1 AND verdict <> ? LIMIT 1"
    has_failed = db.execute(failed, (line["op_key"], BlockOutcome.DONE)).fetchone() is not None
    return "not removed, since an addition failed" if has_failed else ""


def _act(db: sqlite3.Connection, line: sqlite3.Row) -> None:
    if line["act"] == "bind":
        bind(db, block=line["block"], host=line["host"], tag=line["tag"])
        busy_until = None if line["work_seconds"] is None else line["due_at"] + (line["work_seconds"] or FOR_EVER)
        db.execute(
            "UPDATE block SET lanes_up = ?, busy_until = ? WHERE code = ?", (line["lanes"], busy_until, line["block"])
        )
    elif line["act"] == "clean":
        db.execute("UPDATE block SET is_clean = 1 WHERE code = ?", (line["block"],))
        cards.put(db, block=line["block"], setting=AS_IT_COMES)
    elif line["act"] == "configure":
        cards.put(db, block=line["block"], setting=cards.from_text(line["setting"]))
    elif db.execute("SELECT 1 FROM block WHERE code = ? AND tag = ?", (line["block"], line["tag"])).fetchone():
        unbind(db, block=line["block"])


def _next_address(db: sqlite3.Connection, host: str) -> str:
    taken = {row["address"] for row in db.execute("SELECT address FROM block WHERE host = ?", (host,))}
    bus = FIRST_BUS
    while (address := f"{bus >> 8:04x}:{bus & 0xFF:02x}:00.0") in taken:
        bus += 1
    return address
