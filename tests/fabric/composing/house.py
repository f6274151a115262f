"""A small house: rows of the contract's small fabric, its emulator, a clock, and the executor run as a worker would."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from fabric.composing.books import Step
from fabric.composing.nodes import compose_node, release_node, resize_node
from fabric.composing.results import NodeResult
from fabric.drivers.base import CardSetting, Driver
from fabric.models import (
    Attachment,
    Composition,
    DeviceClass,
    FabricManager,
    Host,
    Pool,
    Pru,
    Rack,
    Resize,
    ResourceBlock,
    Zone,
)
from fabric.services.compositions import open_composition, open_resize
from tests.contracts.worlds import BLOCKS, HOSTS, EmulatorWorld

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class House:
    pool: Pool
    world: EmulatorWorld
    now: datetime = START
    fence: int = 0  # the newest one given out
    steps: list[str] = field(default_factory=list)  # "kind state" as they were reported

    @property
    def driver(self) -> Driver:
        return self.world.driver

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.world.advance(seconds)

    def open(
        self,
        *,
        owner: str = "r-1",
        host: str = "host-1",
        blocks: tuple[str, ...] = ("gpu-1", "gpu-2"),
        generation: int = 1,
        settings: Mapping[str, CardSetting] | None = None,
    ) -> Composition:
        return open_composition(
            pool=self.pool,
            host=Host.objects.get(code=host),
            blocks=list(ResourceBlock.objects.filter(code__in=blocks)),
            owner=owner,
            node=0,
            role="node",
            generation=generation,
            tag=f"heddle-{owner}-n0-g{generation}",
            now=self.now,
            settings=settings,
        )

    def compose(self, composition: Composition, **changes: Any) -> NodeResult:
        return self._run(compose_node, composition, changes)

    def release(self, composition: Composition, **changes: Any) -> NodeResult:
        return self._run(release_node, composition, changes)

    def open_resize(
        self,
        composition: Composition,
        *,
        adds: tuple[str, ...] = (),
        removes: tuple[str, ...] = (),
        settings: Mapping[str, CardSetting] | None = None,
    ) -> Resize:
        return open_resize(
            composition=composition,
            adds=adds,
            removes=removes,
            settings=settings or {},
            reason="Asked for.",
            now=self.now,
        )

    def resize(self, resize: Resize, **changes: Any) -> NodeResult:
        return self._run(partial(resize_node, resize=resize), resize.composition, changes)

    def states(self) -> dict[str, str]:
        """Every unit that is not free."""
        rows = [*ResourceBlock.objects.exclude(state="free"), *Host.objects.exclude(state="free")]
        return {row.code: row.state for row in rows}

    def owners(self) -> dict[str, str]:
        """Every block that the fabric really holds for a machine."""
        return {block: tag for block, tag in self.world.owners().items() if tag is not None}

    def open_attachments(self) -> list[str]:
        return sorted(Attachment.objects.filter(until=None).values_list("block__code", flat=True))

    def _run(self, run: Callable[..., NodeResult], composition: Composition, changes: dict[str, Any]) -> NodeResult:
        """A worker that takes the operation anew: a higher fence, and current until somebody has a higher one."""
        self.fence += 1
        mine = self.fence
        arguments: dict[str, Any] = {
            "driver": self.driver,
            "attempt": mine,
            "fence": mine,
            "clock": lambda: self.now,
            "wait": self.wait,
            "is_current": lambda: self.fence == mine,
            "on_step": self._note,
        }
        return run(composition=Composition.objects.get(pk=composition.pk), **(arguments | changes))

    def _note(self, step: Step) -> None:
        self.steps.append(f"{step.kind} {step.state}")


def build(folder: Path, **profile: Any) -> House:
    pool = Pool.objects.create(code="small", name="Small", time_zone="UTC", currency="USD", policy={})
    manager = FabricManager.objects.create(pool=pool, code="fab-1")
    zone = Zone.objects.create(pool=pool, code="zone-1", fabric_manager=manager)
    rack = Rack.objects.create(pool=pool, code="rack-1", height_u=42, budget_w=10_000, cooling_limit_w=10_000)
    pru = Pru.objects.create(
        pool=pool, code="pru-1", rack=rack, zone=zone, unit=1, template="pru", model="PRU", base_w=1, facts={}
    )
    gpu = DeviceClass.objects.create(
        code="gpu", name="GPU", vendor="V", kind="gpu", poolability="pcie_composable", facts={}
    )
    for unit, code in enumerate(HOSTS):
        Host.objects.create(
            pool=pool, code=code, rack=rack, zone=zone, unit=unit, template="host", model="H", base_w=1, facts={},
            address=f"{code}.example",
        )  # fmt: skip
    for slot, code in enumerate(BLOCKS, start=1):
        ResourceBlock.objects.create(
            pool=pool, code=code, device_class=gpu, pru=pru, zone=zone, slot_kind="accelerator", slot=slot
        )
    return House(pool=pool, world=EmulatorWorld(folder, **profile))
