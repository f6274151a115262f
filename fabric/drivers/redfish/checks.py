"""What is asked of the fabric before a mutation is sent: nothing in the protocol protects a block but this look."""

from collections.abc import Iterable, Mapping, Sequence

from fabric.drivers.base import Conflict, Permanent, Precondition, Transient
from fabric.drivers.redfish import creating
from fabric.drivers.redfish.notes import Kind, Notebook
from fabric.drivers.redfish.profile import Profile
from fabric.drivers.redfish.view import OURS, UNUSABLE_STATES, BlockView, Shown, Systems, SystemView, View


def compose(
    view: View, notes: Notebook, *, op_key: str, tag: str, host: str, blocks: Sequence[str], profile: Profile
) -> bool:
    """Whether the system is there already by this very request, made by a process whose notes were lost."""
    _require_distinct(blocks)
    if not tag or len(tag) > profile.name_max or len(blocks) > profile.blocks_max:
        raise Permanent("Too many blocks for one machine, or no usable name.")
    at, shown, systems = view.host(host), view.named(blocks), view.systems()
    if (system := systems.named(tag)) is not None:
        if system.description == OURS + op_key:
            return True
        raise Conflict(f"There is a machine {tag} already.")
    if other := systems.holding(host):
        raise Conflict(f"Host {host} is in use by somebody else.", detail=other[0].name)
    if profile.needs_host_off and view.own_system(at).get("PowerState") == "On":
        raise Precondition(f"Host {host} must be off.")
    _require_free(blocks, shown, systems)
    _require_clean(blocks, notes)
    creating.common_zones([at, *shown.values()])
    return False


def resize(
    view: View, notes: Notebook, *, tag: str, add: Sequence[str], remove: Sequence[str], profile: Profile
) -> None:
    _require_distinct([*add, *remove])
    systems = view.systems()
    system = systems.named(tag)
    if system is None:
        raise Conflict(f"There is no machine {tag}.")
    ours(system, notes, tag=tag, profile=profile)
    machine = view.machine(system)
    if strangers := sorted(set(remove) - machine.blocks):
        raise Conflict(f"Not of {tag}: {', '.join(strangers)}.", blocks=strangers)
    shown = view.named(add)
    _require_free(add, shown, systems)
    _require_clean(add, notes)
    creating.common_zones([view.host(machine.host), *shown.values()])


def ours(system: SystemView | None, notes: Notebook, *, tag: str, profile: Profile) -> None:
    """By our notes, by the description we gave it, or by the prefix of its name. Raises Conflict."""
    if system is None:
        return
    by_name = bool(profile.tag_prefix) and tag.startswith(profile.tag_prefix)
    if not (by_name or system.description.startswith(OURS) or notes.of(tag, Kind.COMPOSE)):
        raise Conflict(f"{tag} is not ours.")


def clean(view: View, *, blocks: Sequence[str]) -> None:
    _require_distinct(blocks)
    shown, systems = view.named(blocks), view.systems()
    if attached := _held(shown.values(), systems):
        raise Conflict(f"Still attached: {', '.join(attached)}.", blocks=attached)


def given_up(tag: str) -> Conflict:
    """A late call of a worker that was overtaken comes under a name that has been given up."""
    return Conflict(f"The name {tag} has been given up.")


def _require_distinct(blocks: Sequence[str]) -> None:
    if len(set(blocks)) != len(blocks):
        raise Permanent("A block is named twice.")


def _require_free(codes: Sequence[str], shown: Mapping[str, BlockView], systems: Systems) -> None:
    """Held by nobody by any account: the systems' links, the block's own, its state. A strict look is a cheap one."""
    held = set(_held(shown.values(), systems))
    odd = {b.code for b in shown.values() if b.is_moving or not b.is_present or b.state in UNUSABLE_STATES}
    if taken := sorted(held | odd | (set(codes) - set(shown))):
        raise Conflict(f"In use or not there: {', '.join(taken)}.", blocks=taken)
    if not systems.is_complete:
        raise Transient("The listing of systems is not complete.")


def _require_clean(codes: Sequence[str], notes: Notebook) -> None:
    if dirty := sorted(set(codes) & notes.used()):
        raise Precondition(f"Not clean since the last use: {', '.join(dirty)}.", blocks=dirty)


def _held(blocks: Iterable[BlockView], systems: Systems) -> list[str]:
    return sorted(b.code for b in blocks if b.owners or b.state == Shown.COMPOSED or systems.holding(b.code))
