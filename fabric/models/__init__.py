"""Rows of what exists. No behaviour lives here: services write, queries read."""

from fabric.models.composition import Attachment, Composition, CompositionStep, ReleaseProof
from fabric.models.drift import Drift
from fabric.models.inventory import Device, DeviceClass, Host, Network, Pru, Rack, ResourceBlock, Zone
from fabric.models.pool import FabricManager, Pool

__all__ = [
    "Attachment",
    "Composition",
    "CompositionStep",
    "Device",
    "DeviceClass",
    "Drift",
    "FabricManager",
    "Host",
    "Network",
    "Pool",
    "Pru",
    "Rack",
    "ReleaseProof",
    "ResourceBlock",
    "Zone",
]
