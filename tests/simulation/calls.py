"""The driver as one worker's run has it: around every call the worker may die or stand still, and time passes."""

from collections.abc import Iterable, Mapping, Sequence

from fabric.drivers.base import (
    Capabilities,
    CardSetting,
    Done,
    DriverError,
    Inventory,
    Machine,
    Pending,
    Proof,
    SeenDevice,
)
from tests.simulation.fate import Fate
from tests.simulation.loop import Loop
from tests.simulation.memory_fabric import MemoryFabric

CALL = "a call"


class Calls:
    """Keeps the driver's contract as the fabric does; mutations are noted in the trace."""

    __slots__ = ("_fabric", "_fate", "_loop")

    def __init__(self, *, fabric: MemoryFabric, fate: Fate, loop: Loop) -> None:
        self._fabric = fabric
        self._fate = fate
        self._loop = loop

    def capabilities(self) -> Capabilities:
        return self._fabric.capabilities()

    def inventory(self) -> Inventory:
        is_struck = self._before()
        answer = self._fabric.inventory()
        if is_struck:
            self._fate.after(CALL)
        return answer

    def poll(self, op_key: str) -> Done | Pending:
        is_struck = self._before()
        answer = self._fabric.poll(op_key)
        if is_struck:
            self._fate.after(CALL)
        return answer

    def read(self, tag: str) -> Machine | None:
        is_struck = self._before()
        answer = self._fabric.read(tag)
        if is_struck:
            self._fate.after(CALL)
        return answer

    def find(self, *, tag: str, blocks: Sequence[str]) -> tuple[SeenDevice, ...]:
        is_struck = self._before()
        answer = self._fabric.find(tag=tag, blocks=blocks)
        if is_struck:
            self._fate.after(CALL)
        return answer

    def prove(self, *, tag: str, expected: Sequence[str]) -> Proof:
        is_struck = self._before()
        answer = self._fabric.prove(tag=tag, expected=expected)
        if is_struck:
            self._fate.after(CALL)
        return answer

    def in_use(self, tag: str) -> frozenset[str]:
        is_struck = self._before()
        answer = self._fabric.in_use(tag)
        if is_struck:
            self._fate.after(CALL)
        return answer

    def events(self, cursor: str) -> Iterable[str]:
        return self._fabric.events(cursor)

    def power(self, *, host: str, on: bool) -> None:
        is_struck = self._before()
        self._fabric.power(host=host, on=on)
        if is_struck:
            self._fate.after(CALL)

    def configure(self, *, op_key: str, tag: str, settings: Mapping[str, CardSetting]) -> Done | Pending:
        is_struck = self._before()
        try:
            answer = self._fabric.configure(op_key=op_key, tag=tag, settings=settings)
        except DriverError as error:
            return self._refused(op_key, error, is_struck)
        return self._told(answer, is_struck)

    def compose(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> Done | Pending:
        is_struck = self._before()
        try:
            answer = self._fabric.compose(op_key=op_key, tag=tag, host=host, blocks=blocks)
        except DriverError as error:
            return self._refused(op_key, error, is_struck)
        return self._told(answer, is_struck)

    def resize(self, *, op_key: str, tag: str, add: Sequence[str], remove: Sequence[str]) -> Done | Pending:
        is_struck = self._before()
        try:
            answer = self._fabric.resize(op_key=op_key, tag=tag, add=add, remove=remove)
        except DriverError as error:
            return self._refused(op_key, error, is_struck)
        return self._told(answer, is_struck)

    def decompose(self, *, op_key: str, tag: str) -> Done | Pending:
        is_struck = self._before()
        try:
            answer = self._fabric.decompose(op_key=op_key, tag=tag)
        except DriverError as error:
            return self._refused(op_key, error, is_struck)
        return self._told(answer, is_struck)

    def clean(self, *, op_key: str, blocks: Sequence[str]) -> Done | Pending:
        is_struck = self._before()
        try:
            answer = self._fabric.clean(op_key=op_key, blocks=blocks)
        except DriverError as error:
            return self._refused(op_key, error, is_struck)
        return self._told(answer, is_struck)

    def _before(self) -> bool:
        fate, is_struck = self._fate, False
        if fate.fates.left > 1 and not fate.is_dead:
            fate.fates.left -= 1
        else:
            is_struck = fate.before(CALL)
        self._fabric.now = self._loop.now
        return is_struck

    def _told(self, answer: Done | Pending, is_struck: bool) -> Done | Pending:
        self._loop.note(f"{answer.op_key} accepted")
        if is_struck:
            self._fate.after(CALL)
        return answer

    def _refused(self, op_key: str, error: DriverError, is_struck: bool) -> Done:
        self._loop.note(f"{op_key} {type(error).__name__}: {error} {error.detail}")
        if is_struck:
            self._fate.after(CALL)
        raise error
