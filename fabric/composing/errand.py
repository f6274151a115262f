"""One run of the executor: whom it works for, and the only way its rows change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from fabric.composing.plan import Target
from fabric.drivers.base import Capabilities, CardSetting, Driver
from fabric.models import Composition, CompositionStep, Host, Pool, ResourceBlock


class Superseded(Exception):
    """Somebody else holds the newer fence: stop, write nothing."""


class Turned(Exception):
    """The composition is no longer in the state this run works on; look again."""


class NotReady(Exception):
    """A block or the host is still of another composition."""


class Silent(Exception):
    """The fabric does not tell, or may not be changed: the outcome stays unknown until a later run."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    composition: Composition
    driver: Driver
    attempt: int
    fence: int
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    is_current: Callable[[], bool]
    on_step: Callable[[CompositionStep], None]
    request_id: str
    is_undo: bool  # its undo steps take back a failed compose, and are not a release
    target: Target
    capabilities: Capabilities
    host: Host
    blocks: dict[str, ResourceBlock]  # by code; their states are re-read where they matter

    def block_ids(self, codes: "set[str] | frozenset[str] | None" = None) -> list[int]:
        return [block.id for code, block in self.blocks.items() if codes is None or code in codes]

    def require_current(self) -> None:
        """Right before every driver call and every write (S10)."""
        if not self.is_current():
            raise Superseded


def errand_for(
    *,
    composition: Composition,
    driver: Driver,
    attempt: int,
    fence: int,
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
    is_current: Callable[[], bool],
    on_step: Callable[[CompositionStep], None],
    request_id: str,
    is_undo: bool,
) -> Errand:
    blocks = {block.code: block for block in composition.blocks.order_by("code").select_related("device_class")}
    return Errand(
        composition=composition,
        driver=driver,
        attempt=attempt,
        fence=fence,
        clock=clock,
        wait=wait,
        is_current=is_current,
        on_step=on_step,
        request_id=request_id,
        is_undo=is_undo,
        target=Target(
            tag=composition.tag,
            host=composition.host.code,
            blocks=tuple(blocks),
            settings={code: CardSetting(**setting) for code, setting in sorted(composition.settings.items())},
        ),
        capabilities=driver.capabilities(),
        host=composition.host,
        blocks=blocks,
    )


@contextmanager
def writing(errand: Errand, *, may_quarantine: bool = False) -> Iterator[Composition]:
    """A short transaction on the composition's row, which it locks and yields as it is now.

    Lock order: pool (only where units may become unusable, which moves its generation), composition, units by id.
    """
    with transaction.atomic():
        if may_quarantine:
            Pool.objects.select_for_update(no_key=True).get(id=errand.composition.pool_id)
        composition = Composition.objects.select_for_update(no_key=True).get(id=errand.composition.id)
        errand.require_current()
        yield composition
