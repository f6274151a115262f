"""Every driver there is, with every kind of service it may meet: what the contract is tried on."""

from collections.abc import Callable

from fabric.redfish_simulator.manners import Ids, Resizing, Tags
from tests.contracts.counted_world import CountedWorld
from tests.contracts.expanded_world import ExpandedWorld
from tests.contracts.redfish_world import redfish
from tests.contracts.worlds import EmulatorWorld, World
from tests.simulation.memory_world import MemoryWorld

WORLDS: dict[str, Callable[..., World]] = {
    "emulator": EmulatorWorld,
    "redfish": redfish(),
    "redfish that differs in everything": redfish(
        page_size=5,
        ids=Ids.LISTED,
        resizing=Resizing.PATCH,
        etags=Tags.BARE,
        needs_if_match=True,
        stale_status=428,
        has_absolute_locations=True,
        has_members_under_links=True,
        has_post=False,
        has_standard_links=True,
        keeps_description=False,
        profile={"auth": "basic"},
    ),
    "redfish whose hosts expand": ExpandedWorld,
    "counted": CountedWorld,
    "in memory": MemoryWorld,
}

REDFISH = frozenset({"redfish", "redfish that differs in everything", "redfish whose hosts expand"})
CANNOT_SET_CARDS = REDFISH | {"counted"}
"""The standard has no word for a MIG layout, nor have counts; such a driver says so, and refuses."""

TELLS_NO_EVENTS = frozenset({"counted"})

TELLS_NO_USE = REDFISH
"""The standard has no word for the processes on a device; such a fabric can only refuse to take it away."""
