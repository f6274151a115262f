"""A standard composition service over HTTP (DMTF Redfish, DSP0266 and DSP2050), survived rather than believed.

A status code is a hint and the read-back of a system's `Links.ResourceBlocks` is the fact; nothing in the protocol is
idempotent, so names are ours, and one looks before and after. Words: Wire (requests, deadlines, login), Answer (one
reply), View (what a listing shows), Note (what we asked for, written before the request), Part (one request of an
operation), Profile (what an operator overlays). A reply is judged in `answers`, an operation
carried on in `conduct`.
May import: `fabric.drivers.{base,credentials,notes,profiles,tracing,trust}`, httpx and the standard library.
"""

from fabric.drivers.redfish.driver import RedfishDriver
from fabric.drivers.redfish.profile import Profile
from fabric.drivers.redfish.wire import Wire

__all__ = ["Profile", "RedfishDriver", "Wire"]
