"""What is asked of the fabric before a mutation is sent: nothing in its protocol protects a device but this look."""

from collections.abc import Sequence

from fabric.drivers.base import Conflict, Permanent, Precondition
from fabric.drivers.counted.holdings import Holding, Holdings, resolved
from fabric.drivers.counted.operations import Kind, Notebook
from fabric.drivers.counted.profile import Profile
from fabric.drivers.counted.view import BUSY, DeviceView, MachineView, View


def compose(
    view: View,
    notebook: Notebook,
    holdings: Holdings,
    *,
    tag: str,
    host: str,
    blocks: Sequence[str],
    profile: Profile,
) -> dict[str, DeviceView]:
    """The blocks that are asked for, as they are shown: each says of which spec one is wanted."""
    _require_distinct(blocks)
    if not tag or len(tag) > profile.name_max or len(blocks) > profile.blocks_max:
        raise Permanent("Too many blocks for one machine, or no usable name.")
    if notebook.is_given_up(tag):
        raise given_up(tag)
    if notebook.of(tag, Kind.COMPOSE):
        raise Conflict(f"There is a machine {tag} already.")
    machine = view.require_machine(host)
    require_host(resolved(holdings.at(host), machine), machine, tag=tag)
    if profile.needs_host_off and machine.is_on:
        raise Precondition(f"Host {host} must be off.")
    return idle(view, blocks)


def require_host(holding: Holding, machine: MachineView, *, tag: str) -> None:
    """Nobody else's, by our notes and by what is on it. Raises Conflict."""
    if holding.tag not in ("", tag):
        raise Conflict(f"Host {holding.host} is in use by somebody else.", detail=holding.tag)
    if others := [one.code for one in holding.others(machine)]:
        raise Conflict(f"Host {holding.host} has devices of somebody else.", detail=", ".join(others))


def idle(view: View, blocks: Sequence[str]) -> dict[str, DeviceView]:
    """There, well, clean and nobody's, though the fabric may take others like them."""
    _require_distinct(blocks)
    shown = view.named(blocks)
    held = {code for code, one in shown.items() if one.status in BUSY or one.health != "ok"}
    if taken := sorted(held | (set(blocks) - set(shown))):
        raise Conflict(f"In use or not there: {', '.join(taken)}.", blocks=taken)
    if dirty := sorted(code for code, one in shown.items() if not one.is_clean):
        raise Precondition(f"Not clean since the last use: {', '.join(dirty)}.", blocks=dirty)
    return shown


def clean(view: View, *, blocks: Sequence[str]) -> None:
    _require_distinct(blocks)
    shown = view.named(blocks)
    if attached := sorted(code for code, one in shown.items() if one.is_attached):
        raise Conflict(f"Still attached: {', '.join(attached)}.", blocks=attached)


def given_up(tag: str) -> Conflict:
    """A late call of a worker that was overtaken comes under a name that has been given up."""
    return Conflict(f"The name {tag} has been given up.")


def _require_distinct(blocks: Sequence[str]) -> None:
    if len(set(blocks)) != len(blocks):
        raise Permanent("A block is named twice.")
