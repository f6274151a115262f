"""What the fabric in memory is made of. Plain and mutable: thousands of them change each second."""

from dataclasses import dataclass, field

from fabric.drivers.base import AS_IT_COMES, BlockLine, BlockOutcome, CardSetting, SeenDevice

DEVICE_CLASS, PCI_ID, LANES = "gpu", "10de:2321", 16
NEVER = float("-inf")
WIPED = "reset, memory cleared, ECC checked"


@dataclass(slots=True)
class Block:
    """One device in its slot. `used_until` is when the last process on it would end by itself."""

    code: str
    slot: int
    serial: str
    profiles: dict[str, int] = field(default_factory=dict)
    cap_max_w: int = 0
    host: str | None = None
    tag: str | None = None
    address: str = ""
    is_present: bool = True
    is_clean: bool = True
    health: str = "ok"
    setting: CardSetting = AS_IT_COMES
    used_until: float = 0.0
    lanes: int = LANES
    touched_at: float = NEVER  # when somebody last laid hands on it
    acts: int = 0  # binds and configurations under way on it
    image: SeenDevice | None = None  # what a read shows, until something changes

    def seen(self) -> SeenDevice:
        if self.image is None:
            self.image = SeenDevice(
                block=self.code,
                device_class=DEVICE_CLASS,
                serial=self.serial,
                pci_id=PCI_ID,
                address=self.address,
                host=self.host,
                tag=self.tag,
                health=self.health,
                is_clean=self.is_clean,
                setting=self.setting,
                lanes=self.lanes,
            )
        return self.image


@dataclass(slots=True)
class Host:
    code: str
    is_on: bool = True
    boots: int = 1
    image: object = None


@dataclass(slots=True)
class System:
    """A composed machine. `blocks` are the codes it holds, in truth."""

    tag: str
    host: str
    is_foreign: bool = False
    is_revenant: bool = False  # of ours, and brought back by nobody of us
    blocks: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Line:
    """One act on one block: when it will be so, and what will be told of it."""

    operation: "Operation"
    position: int
    block: str
    act: str
    seconds: float
    due_at: float | None
    outcome: BlockOutcome = BlockOutcome.DONE
    reason: str = ""
    is_phantom: bool = False  # reported done, and not carried out
    is_settled: bool = False
    is_narrow: bool = False
    used_seconds: float = 0.0  # a process holds it for so long
    setting: CardSetting = AS_IT_COMES
    address: str = ""  # on the host's bus, where it will be bound

    def told(self) -> BlockLine:
        method = WIPED if self.act == "clean" and self.outcome == BlockOutcome.DONE else ""
        return BlockLine(self.block, self.outcome, self.seconds, self.reason, method)


@dataclass(slots=True)
class Operation:
    """A mutation that was accepted; for ever known by its key."""

    key: str
    kind: str
    tag: str
    host: str
    request: tuple[object, ...]
    lines: list[Line] = field(default_factory=list)
    left: int = 0  # lines not yet settled
    is_over: bool = False
