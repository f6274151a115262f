"""A driver as one writes it at first: trusts status codes, repeats what failed, reads one page. A test double.

It is here to fail: a suite that lets it pass proves nothing about the real one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import httpx

from fabric.drivers.base import (
    BlockLine,
    BlockOutcome,
    Capabilities,
    CardSetting,
    Conflict,
    Done,
    Inventory,
    Machine,
    Pending,
    Permanent,
    Proof,
    SeenDevice,
)
from fabric.drivers.trust import trusted

TRIES = 3
SYSTEMS, BLOCKS = "/redfish/v1/Systems", "/redfish/v1/CompositionService/ResourceBlocks"
BLOCK_ACTION = "/Processors/1/Actions/Processor.Reset"


class NaiveDriver:
    def __init__(self, *, endpoint: str, user: str, password: str) -> None:
        self._client = httpx.Client(base_url=endpoint, auth=(user, password), timeout=5, verify=trusted())
        self._asked: dict[str, tuple[str, Machine | None, Sequence[str]]] = {}  # by key: monitor, machine, blocks

    def close(self) -> None:
        self._client.close()

    def capabilities(self) -> Capabilities:
        return Capabilities(4, False, True, False, 64, 64, 900, 900, can_configure=False)

    def inventory(self) -> Inventory:
        members = self._request("GET", BLOCKS).json()["Members"]
        return Inventory(devices=tuple(self._seen(one["@odata.id"].rsplit("/", 1)[-1]) for one in members), machines=())

    def compose(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> Done | Pending:
        links = [{"@odata.id": f"{BLOCKS}/{code}"} for code in (host, *blocks)]
        reply = self._request("POST", SYSTEMS, {"Name": tag, "Links": {"ResourceBlocks": links}})
        return self._answered(op_key, reply, Machine(tag, host, frozenset(blocks), ""), blocks)

    def resize(self, *, op_key: str, tag: str, add: Sequence[str], remove: Sequence[str]) -> Done | Pending:
        raise Permanent("Not written.")

    def configure(self, *, op_key: str, tag: str, settings: Mapping[str, CardSetting]) -> Done | Pending:
        raise Permanent("Not written.")

    def decompose(self, *, op_key: str, tag: str) -> Done | Pending:
        system = self._system(tag)
        if system is None:
            return Done(op_key, None)
        reply = self._request("DELETE", system["@odata.id"])
        return self._answered(op_key, reply, None, sorted(self._machine(system).blocks))

    def clean(self, *, op_key: str, blocks: Sequence[str]) -> Done | Pending:
        for code in blocks:
            self._request("POST", f"{BLOCKS}/{code}{BLOCK_ACTION}", {})
        return self._done(op_key, None, blocks)

    def poll(self, op_key: str) -> Done | Pending:
        monitor, machine, blocks = self._asked[op_key]
        return self._answered(op_key, self._request("GET", monitor), machine, blocks)

    def read(self, tag: str) -> Machine | None:
        system = self._system(tag)
        return self._machine(system) if system is not None else None

    def find(self, *, tag: str, blocks: Sequence[str]) -> tuple[SeenDevice, ...]:
        return tuple(self._seen(code) for code in blocks)

    def power(self, *, host: str, on: bool) -> None:
        raise Permanent("Not written.")

    def prove(self, *, tag: str, expected: Sequence[str]) -> Proof:
        return Proof(self.find(tag=tag, blocks=expected), frozenset(), frozenset())

    def events(self, cursor: str) -> Iterable[str]:
        return []

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """Whatever fails is tried again; a status below 400 is a success."""
        for _ in range(TRIES):
            try:
                reply = self._client.request(method, path, json=body)
            except httpx.HTTPError:
                continue
            if reply.status_code < 500:
                break
        else:
            raise Permanent("It does not work.")
        if reply.status_code >= 400:
            raise Conflict(reply.text)
        return reply

    def _answered(
        self, op_key: str, reply: httpx.Response, machine: Machine | None, blocks: Sequence[str]
    ) -> Done | Pending:
        if reply.status_code == 202:
            self._asked[op_key] = (reply.headers["location"], machine, blocks)
            return Pending(op_key, 1.0)
        return self._done(op_key, machine, blocks)

    def _done(self, op_key: str, machine: Machine | None, blocks: Sequence[str]) -> Done:
        return Done(op_key, machine, tuple(BlockLine(code, BlockOutcome.DONE) for code in blocks))

    def _system(self, tag: str) -> dict[str, Any] | None:
        for member in self._request("GET", SYSTEMS).json()["Members"]:
            system: dict[str, Any] = self._request("GET", member["@odata.id"]).json()
            if system["Name"] == tag:
                return system
        return None

    def _machine(self, system: Mapping[str, Any]) -> Machine:
        host, *blocks = [one["@odata.id"].rsplit("/", 1)[-1] for one in system["Links"]["ResourceBlocks"]]
        return Machine(system["Name"], host, frozenset(blocks), system["HostName"])

    def _seen(self, code: str) -> SeenDevice:
        block = self._request("GET", f"{BLOCKS}/{code}").json()
        owners = [self._request("GET", one["@odata.id"]).json() for one in block["Links"]["ComputerSystems"]]
        machine = self._machine(owners[0]) if owners else None
        host, tag = (machine.host, machine.tag) if machine else (None, None)
        return SeenDevice(code, "", "", "", "", host, tag)
