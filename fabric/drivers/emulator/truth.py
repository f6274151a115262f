"""Everything the emulated fabric knows, as plain values: what `manage.py emulator show` prints and tests believe."""

import json
from pathlib import Path
from typing import Any

from fabric.drivers.emulator import faults, seed, settling, store


def show(*, path: Path, now: float) -> dict[str, Any]:
    """Settles first what the clock has made due, so that it is the truth of this moment."""
    with store.snapshot(path) as db:
        is_late = settling.is_anything_due(db, now=now)
    if is_late:
        with store.transaction(path) as db:
            settling.settle(db, now=now)
    with store.snapshot(path) as db:
        return {
            "settings": seed.read_settings(db),
            "hosts": [dict(row) for row in db.execute("SELECT code, address, hot_add, is_on FROM host ORDER BY code")],
            "blocks": [_block(dict(row)) for row in db.execute("SELECT * FROM block ORDER BY code")],
            "machines": [dict(row) for row in db.execute("SELECT tag, host, is_foreign FROM machine ORDER BY tag")],
            "operations": [
                {**dict(row), "lines": [dict(line) for line in db.execute(LINES, (row["op_key"],))]}
                for row in db.execute(OPERATIONS)
            ],
            "faults": faults.listed(db),
        }


OPERATIONS = "SELECT op_key, kind, tag, host, submitted_at, state FROM operation ORDER BY submitted_at, op_key"
LINES = "SELECT block, act, seconds, due_at, is_settled, verdict, reason FROM line WHERE op_key = ? ORDER BY position"


def _block(row: dict[str, Any]) -> dict[str, Any]:
    """`state` in one word; `machine` is the tag of the machine that holds it, or None."""
    if not row["is_present"]:
        state = "missing"
    elif row["tag"] is not None:
        state = "attached"
    elif row["health"] != "ok":
        state = str(row["health"])
    else:
        state = "free" if row["is_clean"] else "dirty"
    layouts = {name: json.loads(row[name]) for name in ("layout", "mig_profiles")}
    return {**row, **layouts, "state": state, "machine": row["tag"]}
