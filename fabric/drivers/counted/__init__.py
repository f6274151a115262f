"""A control plane that takes absolute counts, runs one job at a time for the whole fabric, and picks the devices.

A machine is a host. It is told how many devices of a spec it shall have, never which; it carries no name of ours; a
change has no task, and is followed on the machine itself. So who owns what is ours to know: before a request the note
of the machine says what was on it (the snapshot), and what came by the change that reached our count is ours then.
Words: Wire (requests, deadlines, token), Answer (one reply), View (what is shown), Holding (what of a machine is ours),
Asked (an increase whose result was not seen yet), Operation and Part (what we were asked for, request by request).
May import: `fabric.drivers.{base,credentials,notes,profiles,tracing,trust}`, httpx and the standard library.
"""

from fabric.drivers.counted.driver import CountedDriver
from fabric.drivers.counted.profile import Profile

__all__ = ["CountedDriver", "Profile"]
