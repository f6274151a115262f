"""How each device stands: where it is, what became of the last change of it, which change brought it. Pure of requests.

A failed or finished change stays told until the next one of the same device, since there is no task that tells it.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fabric.counted_simulator.facts import BLOCKS, BOUND, BY_OTHERS, FREED, LATEST, Facts, change_of


class Status(StrEnum):
    IDLE = "IDLE"
    ABSENT = "ABSENT"
    ADD_IN_PROGRESS = "ADD_IN_PROGRESS"
    ADD_COMPLETE = "ADD_COMPLETE"
    ADD_FAILED = "ADD_FAILED"
    REMOVE_IN_PROGRESS = "REMOVE_IN_PROGRESS"
    REMOVE_COMPLETE = "REMOVE_COMPLETE"
    REMOVE_FAILED = "REMOVE_FAILED"
    RESET_IN_PROGRESS = "RESET_IN_PROGRESS"
    RESET_COMPLETE = "RESET_COMPLETE"
    RESET_FAILED = "RESET_FAILED"


ON_A_MACHINE = frozenset({Status.ADD_COMPLETE, Status.REMOVE_IN_PROGRESS, Status.REMOVE_FAILED})
COUNTED = ON_A_MACHINE | {Status.ADD_IN_PROGRESS}
WORDS = {"bind": "ADD", "unbind": "REMOVE", "clean": "RESET"}


@dataclass(frozen=True, slots=True)
class Standing:
    row: sqlite3.Row
    status: Status
    machine: str | None  # where it is, comes to, or was last removed from
    change: int  # that brought it there
    last_change: int  # the last of it, of whatever kind
    freed_at: float
    reason: str = ""

    @property
    def code(self) -> str:
        return str(self.row["code"])

    @property
    def is_idle(self) -> bool:
        """Nobody's, well, and reset since it was last used: what the fabric may pick."""
        open_statuses = (Status.ADD_IN_PROGRESS, Status.RESET_IN_PROGRESS)
        return (
            bool(self.row["is_present"] and self.row["is_clean"])
            and self.row["tag"] is None
            and self.row["health"] == "ok"
            and self.status not in open_statuses
        )


def standings(facts: Facts) -> dict[str, Standing]:
    latest = {row["block"]: row for row in facts.table(LATEST)}
    bound = {row["block"]: change_of(row["op_key"]) for row in facts.table(BOUND)}
    freed = {row["block"]: float(row["freed_at"]) for row in facts.table(FREED)}
    others = {row["what"]: int(row["number"]) for row in facts.table(BY_OTHERS)}
    return {row["code"]: _standing(row, latest.get(row["code"]), bound, freed, others) for row in facts.table(BLOCKS)}


def _standing(
    row: sqlite3.Row,
    line: sqlite3.Row | None,
    bound: Mapping[str, int],
    freed: Mapping[str, float],
    others: Mapping[str, int],
) -> Standing:
    code, host = row["code"], row["host"]
    last = change_of(line["op_key"]) if line is not None else 0
    by_others = others.get(f"block {code} was attached to {host}", 0) if host is not None else 0
    brought = max(bound.get(code, 0), by_others)
    status, machine, reason = _status(row, line)
    if status in (Status.ADD_IN_PROGRESS, Status.ADD_FAILED):
        brought = last
    return Standing(
        row=row,
        status=status,
        machine=machine,
        change=brought,
        last_change=max(last, by_others),
        freed_at=freed.get(code, 0.0),
        reason=reason,
    )


def _status(row: sqlite3.Row, line: sqlite3.Row | None) -> tuple[Status, str | None, str]:
    """By where the device is, and by the last change of it if that is about just this."""
    host = row["host"]
    told = _told(line) if line is not None else None
    reason = str(line["reason"]) if line is not None else ""
    if line is not None and told in (Status.ADD_IN_PROGRESS, Status.ADD_FAILED) and host is None:
        return told, line["host"], reason
    if not row["is_present"]:
        return Status.ABSENT, None, ""
    if line is not None and host is not None:
        is_leaving = told in (Status.REMOVE_IN_PROGRESS, Status.REMOVE_FAILED) and line["host"] == host
        return (told, host, reason) if is_leaving and told else (Status.ADD_COMPLETE, host, "")
    if host is not None:
        return Status.ADD_COMPLETE, host, ""
    if line is not None and told == Status.REMOVE_COMPLETE:
        return told, line["host"], ""
    if told in (Status.RESET_IN_PROGRESS, Status.RESET_COMPLETE, Status.RESET_FAILED):
        return told, None, reason
    return Status.IDLE, None, ""


def _told(line: sqlite3.Row) -> Status | None:
    word = WORDS.get(line["act"])
    if word is None:
        return None
    end = "IN_PROGRESS" if not line["is_settled"] else "COMPLETE" if line["verdict"] == "done" else "FAILED"
    return Status(f"{word}_{end}")


def picked(idle: list[Standing], number: int) -> list[Standing]:
    """Which the fabric takes: those left alone longest; among equals the highest slot. Nobody can ask for another."""
    return sorted(idle, key=lambda one: (one.freed_at, -one.row["slot"], one.code))[:number]
