"""Names made from a file's ids, so that two loads give the same inventory."""

import hashlib

SERIAL_CHARS = 12
SLOT_SUFFIX = {"accelerator": "s", "bay": "b", "nic": "n"}  # by slot kind


def block_code(*, chassis: str, slot_kind: str, slot: int) -> str:
    return f"{chassis}-{SLOT_SUFFIX[slot_kind]}{slot:02d}"


def bridge_code(*, pru: str, first_slot: int) -> str:
    return f"{pru}-bridge-{first_slot:02d}"


def serial_of(*, pool: str, block: str) -> str:
    """The serial number of a block's device: from the id alone, and different in every pool."""
    return hashlib.sha256(f"{pool}/{block}".encode()).hexdigest()[:SERIAL_CHARS].upper()


def address_of(*, pool: str, host: str) -> str:
    return f"{host}.{pool}.heddle.internal"
