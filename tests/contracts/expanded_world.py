"""The small fabric behind a Redfish service whose hosts expand: no system is made or deleted, no name survives there.

So the world writes down under which name a host was last asked for, and says by the emulator's file who holds what.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fabric.drivers.base import Conflict, Done, Pending, Permanent, Precondition
from fabric.drivers.credentials import Credentials
from fabric.drivers.redfish import RedfishDriver
from fabric.redfish_simulator.manners import Manners, Resizing
from tests.contracts.notes_in_memory import NotesInMemory
from tests.contracts.redfish_world import RedfishWorld


class Listening(RedfishDriver):
    """Tells the world which name was asked for on which host."""

    names: dict[str, str]

    def compose(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> Done | Pending:
        earlier = self.names.get(host, tag)
        self.names[host] = tag
        try:
            return super().compose(op_key=op_key, tag=tag, host=host, blocks=blocks)
        except (Conflict, Permanent, Precondition):
            self.names[host] = earlier
            raise


class ExpandedWorld(RedfishWorld):
    shows_names = False

    def __init__(self, folder: Path, *, resizing: Resizing = Resizing.PATCH, **profile: Any) -> None:
        self.names: dict[str, str] = {}
        super().__init__(folder, manners=Manners(is_expandable=True, resizing=resizing), **profile)

    def owners(self) -> Mapping[str, str | None]:
        truth = self.truth()
        strangers = {machine["tag"] for machine in truth["machines"] if machine["is_foreign"]}
        return {
            block["code"]: block["machine"]
            if block["machine"] is None or block["machine"] in strangers
            else self.names[block["host"]]
            for block in truth["blocks"]
        }

    def machines(self) -> Mapping[str, str]:
        """A host of ours with nothing on it is a machine of nobody."""
        owners = self.owners()
        return {str(owners[b["code"]]): b["host"] for b in self.truth()["blocks"] if b["machine"] is not None}

    def composes(self, tag: str) -> int:
        hosts = {host for host, name in self.names.items() if name == tag}
        return sum(1 for one in self.truth()["operations"] if one["kind"] == "compose" and one["host"] in hosts)

    def another_driver(self, *, notes: str = "notes", **profile: Any) -> RedfishDriver:
        manners = self.face.manners
        driver = Listening(
            endpoint=self.url,
            credentials=Credentials(manners.user, manners.password),
            notes=self.notes.setdefault(notes, NotesInMemory()),
            clock=lambda: self.now,
            profile={**self.profile, **profile},
        )
        driver.names = self.names
        self._open.callback(driver.close)
        return driver
