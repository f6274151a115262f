"""Rows of what exists. No behaviour lives here: services write, queries read."""

from fabric.models.composition import Attachment, Composition, CompositionStep, ReleaseProof, Resize
from fabric.models.drift import Drift, Repair
from fabric.models.inventory import Device, DeviceClass, Host, Network, Pru, Rack, ResourceBlock, Zone
from fabric.models.pool import DriverBlock, DriverNote, FabricManager, MutationTurn, Pool

__all__ = [
    "Attachment",
    "Composition",
    "CompositionStep",
    "Device",
    "DeviceClass",
    "Drift",
    "DriverBlock",
    "DriverNote",
    "FabricManager",
    "Host",
    "MutationTurn",
    "Network",
    "Pool",
    "Pru",
    "Rack",
    "ReleaseProof",
    "Repair",
    "Resize",
    "ResourceBlock",
    "Zone",
]
