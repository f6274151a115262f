"""What a picture shows, in sentences: links, slots, networks, paths. Pure."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from fabric.queries.wiring import PortKind
from portal.web.present.picture_shapes import ChassisBox, RunBox
from portal.web.present.words import plural
from scheduler.planning.plan import PathReport

_PLURALS: Mapping[str, str] = {"slot": "slots", "bay": "bays", "NIC": "NICs"}
_PAIRS: Mapping[str, str] = {  # of accelerators, best path first
    "PIX": "behind one switch",
    "PXB": "in one PRU",
    "PHB": "through one socket",
    "SYS": "across sockets",
}


def link_words(medium: str, port: PortKind | None, plane: str) -> tuple[str, ...]:
    """`photonic link`, `x16 Gen5`, `plane-0`; what nobody published is left out."""
    speed = f"x{port.lanes} Gen{port.generation}" if port and port.lanes and port.generation else ""
    return tuple(part for part in (f"{medium} link".strip(), speed, plane) if part)


def network_words(code: str, rails: int) -> str:
    """`2 rails of rdma-1`."""
    return f"{plural(rails, 'rail')} of {code}" if code else ""


def path_words(paths: PathReport | None) -> tuple[str, ...]:
    """How its accelerators reach each other, and what their links carry."""
    if paths is None:
        return ()
    told = []
    pairs = [f"{number:,} {_PAIRS.get(name, name)}" for name, number in paths.pairs.items() if number]
    if pairs:
        told.append(f"Pairs of accelerators: {', '.join(pairs)}")
    if paths.oversubscription is not None:
        told.append(
            f"Links carry {paths.uplink_gbit_per_s:,.0f} Gb/s each way; the devices could ask for "
            f"{paths.oversubscription:.1f} times that"
        )
    return tuple(told)


def chassis_words(box: ChassisBox) -> str:
    """`Photonic link, x16 Gen5, plane-0, to pru-01: slots 1–4 H100 NVL, attached.`"""
    way = ", ".join(box.link)
    place = f"{way[:1].upper()}{way[1:]}, to {box.code}" if way else f"{box.kind} {box.code}"
    return f"{place}: {'; '.join(_run_words(run) for switch in box.switches for run in switch.runs)}."


def _run_words(run: RunBox) -> str:
    """`slots 1–4 H100 NVL, at most 250 W, attached`."""
    states = " and ".join(pill.label.lower() for pill in run.states)
    told = (f"{_places(run)} {run.name}", run.setting, states, *run.troubles)
    return ", ".join(part.rstrip(".") for part in told if part)


def _places(run: RunBox) -> str:
    kind = run.blocks[0].slot.split()[0]
    numbers = [block.number for block in run.blocks]
    return f"{_PLURALS.get(kind, kind) if len(numbers) > 1 else kind} {spans(numbers)}"


def spans(numbers: Iterable[int]) -> str:
    """`1–4, 7`: two that stand beside each other are a span already."""
    ordered = sorted(numbers)
    breaks = [nth for nth, (one, following) in enumerate(pairwise(ordered), 1) if following != one + 1]
    parts = [ordered[begin:end] for begin, end in zip([0, *breaks], [*breaks, len(ordered)], strict=True)]
    return ", ".join(f"{part[0]}–{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)
