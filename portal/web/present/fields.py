"""The path of a field as programs know it → what a person calls the place. Pure."""

import re

_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")
_PLACES = {"mix": "Group", "lines": "line", "first_of": "choice"}
_WORDS = {
    "body": "The form",
    "duration_minutes": "length",
    "starts_at": "start",
    "ends_at": "end",
    "zone": "time zone",
    "hold_minutes": "hold",
    "waitlist": "waiting",
    "wait_until": "until when it may wait",
    "on_failure": "if a device fails",
    "preempt": "low priority gives way",
    "device_class": "device class",
    "power_cap_w": "power cap",
    "profile": "slices",
    "host_class": "host class",
    "memory_gib": "memory of the host",
    "cores": "cores of the host",
    "nic_affinity": "NICs near the accelerators",
    "storage_affinity": "drives near the accelerators",
    "same_pru": "one PRU",
    "same_switch": "one switch",
    "p2p": "direct paths",
    "allow_bridge_split": "bridged pairs",
    "network": "RDMA network",
}
_SILENT = frozenset({"placement", "host"})


def field_words(path: str) -> str:
    """`mix[0].lines[1].count` → `Group 1, line 2, count`; people count from one."""
    told = []
    for name, number in _STEP.findall(path):
        if number:
            told.append(f"{_PLACES.get(name, name)} {int(number) + 1}")
        elif name not in _SILENT:
            told.append(_WORDS.get(name, name.replace("_", " ")))
    words = ", ".join(told)
    return words[:1].upper() + words[1:]
