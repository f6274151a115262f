"""How long a request keeps its devices after its end: by the slowest class that any reading of it may be granted. Pure.

All alternatives of a request are padded alike, so that whether it fits does not hang on which of them is asked first.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast

from fabric.topology import PoolTopology
from scheduler.limits import MATCHES_KEPT_MAX
from scheduler.planning.index import PoolIndex
from scheduler.planning.matching import matched
from scheduler.planning.shape import Shape
from scheduler.planning.stays import Stay
from scheduler.planning.window import Turnaround, pad, turnaround
from scheduler.requests import Line, Mix, ReservationRequest


def turnaround_of(*, mix: Mix, topology: PoolTopology) -> Turnaround:
    """The same mix is worked out once."""
    key = ("turnaround", mix)
    found = topology.remembered.get(key)
    if found is None:
        if len(topology.remembered) >= MATCHES_KEPT_MAX:
            topology.remembered.clear()
        found = topology.remembered[key] = turnaround(classes=_classes(mix, topology), topology=topology)
    return cast(Turnaround, found)


def padded(*, request: ReservationRequest, index: PoolIndex) -> tuple[datetime, datetime]:
    """The padded window of a request that is decided now."""
    topology = index.topology
    clean_up = turnaround_of(mix=request.mix, topology=topology).length
    return pad(window=request.window, policy=topology.policy, now=index.snapshot.now, clean_up=clean_up)


def turnaround_of_stays(*, stays: Iterable[Stay], shape: Shape) -> Turnaround:
    """Of what they hold."""
    held = {shape.classes[bit] for stay in stays for bit in stay.bits}
    return turnaround(classes=sorted(held - {""}), topology=shape.topology)


def cleaning_in_words(found: Turnaround, *, topology: PoolTopology) -> str:
    """What takes so long: “NVMe sanitize, block erase of KIOXIA CM7-R”; nothing where it is the pool's own clean-up."""
    facts = topology.classes.get(found.slowest)
    return f"{facts.scrub_method} of {facts.name}" if facts is not None else ""


def _classes(mix: Mix, topology: PoolTopology) -> list[str]:
    return list(dict.fromkeys(code for group in mix.groups for line in group.lines for code in _of(line, topology)))


def _of(line: Line, topology: PoolTopology) -> Iterator[str]:
    if line.first_of:
        for one in line.first_of:
            yield from _of(one, topology)
    elif line.selector:
        yield from (code for classes in matched(line, topology) for code in classes.codes)
    else:
        yield line.device_class
