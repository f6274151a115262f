"""A fabric without hardware: the driver the demo, the tests and a dry run of a new site work on. A product feature.

Its truth is one SQLite file a pool, committed before any reply, which only this driver, `manage.py emulator` and tests
read; the portal's own database never knows more than a driver told it. It has latency (drawn, repeatable), faults that
are off until switched on (`faults`), and things that happen behind our back (`mischief`). The clock is given to it.
May import: `fabric.drivers.base` and the standard library.
"""

from fabric.drivers.emulator.driver import EmulatorDriver
from fabric.drivers.emulator.seed import EmulatedDevice, EmulatedHost, create

__all__ = ["EmulatedDevice", "EmulatedHost", "EmulatorDriver", "create"]
