"""Notes without a database, for worlds of drivers; what the database's do is tried against these."""

import json
import threading
from collections.abc import Collection, Iterable
from dataclasses import replace

from fabric.drivers.notes import Record


class NotesInMemory:
    """Any number of threads may share one. Bodies go through JSON, as they do in the database."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._blocks: dict[str, bool] = {}
        self._lock = threading.RLock()

    def find(self, op_key: str) -> Record | None:
        return self._records.get(op_key)

    def of(self, *, tag: str, kind: str) -> list[Record]:
        found = [one for one in list(self._records.values()) if (one.tag, one.kind) == (tag, kind)]
        return sorted(found, key=lambda one: one.op_key)

    def begin(self, record: Record, *, unless: str = "") -> bool:
        with self._lock:
            if record.op_key in self._records or (unless and self.of(tag=record.tag, kind=unless)):
                return False
            self.keep(record)
            return True

    def keep(self, record: Record) -> None:
        self._records[record.op_key] = replace(record, body=json.loads(json.dumps(dict(record.body))))

    def swap(self, *, old: Record, new: Record) -> bool:
        with self._lock:
            there = self._records.get(old.op_key)
            if there is None or there.body != json.loads(json.dumps(dict(old.body))):
                return False
            self.keep(new)
            return True

    def drop(self, op_key: str) -> None:
        self._records.pop(op_key, None)

    def remember(self, codes: Iterable[str]) -> None:
        for code in codes:
            self._blocks.setdefault(code, False)

    def known(self, codes: Collection[str]) -> set[str]:
        return set(codes) & self._blocks.keys()

    def used(self) -> set[str]:
        return {code for code, is_used in list(self._blocks.items()) if is_used}

    def mark(self, codes: Iterable[str], *, is_used: bool) -> None:
        self._blocks.update(dict.fromkeys(codes, is_used))
