"""Pool files: what is where, how it is wired and what the rules are. Three are shipped; `scale.yaml` is a generator's.

`load_pool("lab")` or `load_pool("/path/to/file.yaml")` gives one frozen `ParsedPool`, wholly checked against the device
catalogue it names, or raises `fabric.filing.FileRefused` with file, line, key and what was expected.
`facts` describes what the JSON columns of the rows hold.
May import `fabric.catalogue`, `fabric.filing` and `fabric.topology`.
"""

from fabric.pools.identity import serial_of
from fabric.pools.loading import SHIPPED, load_pool
from fabric.pools.parsed import (
    ParsedBlock,
    ParsedFabric,
    ParsedHost,
    ParsedNetwork,
    ParsedPool,
    ParsedPru,
    ParsedRack,
    ParsedZone,
    Tenant,
)

__all__ = [
    "SHIPPED",
    "ParsedBlock",
    "ParsedFabric",
    "ParsedHost",
    "ParsedNetwork",
    "ParsedPool",
    "ParsedPru",
    "ParsedRack",
    "ParsedZone",
    "Tenant",
    "load_pool",
    "serial_of",
]
