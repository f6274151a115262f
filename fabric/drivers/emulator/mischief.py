"""What happens on a fabric behind the portal's back: a device vanishes, returns, fails, is reset or taken.

For operators who try the portal out, and for tests. Each raises ValueError for a block or host that is not there.
"""

import sqlite3
from pathlib import Path

from fabric.drivers.base import AS_IT_COMES
from fabric.drivers.emulator import cards, settling, store


def vanish(*, path: Path, block: str, now: float) -> None:
    """The device is in no listing from now on; what it was bound to is remembered for its return."""
    _change(path, block, "is_present = 0", now=now, what="vanished")


def come_back(*, path: Path, block: str, now: float) -> None:
    _change(path, block, "is_present = 1", now=now, what="returned")


def fail(*, path: Path, block: str, now: float) -> None:
    """The device is there, and the fabric says it is not well."""
    _change(path, block, "health = 'failed'", now=now, what="failed")


def heal(*, path: Path, block: str, now: float) -> None:
    _change(path, block, "health = 'ok'", now=now, what="is well")


def withdraw(*, path: Path, block: str, now: float) -> None:
    """The fabric has taken it out of service, for a repair of its own."""
    _change(path, block, "health = 'unavailable'", now=now, what="is in service")


def occupy(*, path: Path, block: str, now: float, seconds: float = settling.FOR_EVER) -> None:
    """A process holds the device from now on; without `seconds` until it is forced: its host is switched off."""
    with store.transaction(path) as db:
        _require(db, block)
        db.execute("UPDATE block SET busy_until = ? WHERE code = ?", (now + seconds, block))


def reboot(*, path: Path, host: str, now: float) -> None:
    """The host starts anew; its devices stay attached, what ran is gone."""
    with store.transaction(path) as db:
        if not db.execute("SELECT 1 FROM host WHERE code = ?", (host,)).fetchone():
            raise ValueError(f"There is no host {host}.")
        settling.boot(db, host=host)
        settling.note(db, now=now, what=f"host {host} booted")


def reset(*, path: Path, block: str, now: float) -> None:
    """The card forgets its layout and its cap, as after a loss of power."""
    with store.transaction(path) as db:
        _require(db, block)
        cards.put(db, block=block, setting=AS_IT_COMES)
        settling.note(db, now=now, what=f"block {block} was reset")


def detach(*, path: Path, block: str, now: float) -> None:
    """Somebody pulled it off its host; its machine stays, one device poorer, until it has none."""
    with store.transaction(path) as db:
        _require(db, block)
        tag = db.execute("SELECT tag FROM block WHERE code = ?", (block,)).fetchone()["tag"]
        settling.unbind(db, block=block)
        if tag is not None:
            settling.forget_empty_machine(db, tag=tag)
        settling.note(db, now=now, what=f"block {block} was detached")


def attach(*, path: Path, block: str, host: str, tag: str, now: float) -> None:
    """Somebody attached it under a name of their own, which our driver will refuse to take apart."""
    with store.transaction(path) as db:
        if not db.execute("SELECT 1 FROM host WHERE code = ?", (host,)).fetchone():
            raise ValueError(f"There is no host {host}.")
        _require(db, block)
        settling.bind(db, block=block, host=host, tag=tag)
        db.execute("INSERT INTO machine VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING", (tag, host, now))
        settling.note(db, now=now, what=f"block {block} was attached to {host}")


def _change(path: Path, block: str, assignment: str, *, now: float, what: str) -> None:
    with store.transaction(path) as db:
        _require(db, block)
        db.execute(f"UPDATE block SET {assignment} WHERE code = ?", (block,))
        settling.note(db, now=now, what=f"block {block} {what}")


def _require(db: sqlite3.Connection, block: str) -> None:
    if not db.execute("SELECT 1 FROM block WHERE code = ?", (block,)).fetchone():
        raise ValueError(f"There is no block {block}.")
