"""What is known of one service beyond what it says itself: data, which an operator overlays. Never code by vendor."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fabric.drivers.profiles import setting

CLEAN_ACTIONS = (
    "#Drive.SecureErase",
    "#Processor.ResetToDefaults",
    "#Processor.Reset",
    "#NetworkAdapter.ResetSettingsToDefault",
)


class Auth(StrEnum):
    SESSION = "session"
    BASIC = "basic"


class Creating(StrEnum):
    AUTO = "auto"  # POST, and where that is not allowed the Compose action
    POST = "post"
    MANIFEST = "manifest"


class Resizing(StrEnum):
    AUTO = "auto"  # the actions where they are offered, as DSP2050 15.2 wants it, else PATCH
    ACTIONS = "actions"
    PATCH = "patch"


class Hosts(StrEnum):
    AUTO = "auto"  # as the service shows them
    COMPOSED = "composed"  # a host is a block like others, and a node is a system that is made of it
    EXPANDED = "expanded"  # a host is a system that cannot be made or deleted, only added to (DSP2050 15.1.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Times in seconds. An operator's values stand over these; `fabric.drivers.profiles` checks them."""

    auth: Auth = setting(Auth.SESSION, "how we log in: once for a session, or with every request (basic)")
    creating: Creating = setting(Creating.AUTO, "how a system is made: by POST, by the Compose action, or what works")
    resizing: Resizing = setting(Resizing.AUTO, "how blocks are added and removed: by action, by PATCH, or what works")
    hosts: Hosts = setting(Hosts.AUTO, "whether hosts are blocks of a system that is made, or systems that expand")
    max_parallel_mutations: int = setting(1, least=1)
    needs_host_off: bool = setting(False)
    blocks_max: int = setting(64, least=1)
    name_max: int = setting(64, least=1)
    attach_seconds_max: int = setting(900, least=1)
    detach_seconds_max: int = setting(900, least=1)
    connect_seconds: float = setting(3.0, least=0.1)
    read_seconds: float = setting(10.0, least=0.1)
    submit_seconds: float = setting(30.0, least=0.1)
    call_seconds: float = setting(60.0)
    settle_seconds: float = setting(180.0)
    event_seconds: float = setting(2.0, least=0.1)
    pages_max: int = setting(200, least=1)
    body_bytes_max: int = setting(8 << 20, least=1)
    trusts_counts: bool = setting(True, "whether a listing shorter than its count is an incomplete one")
    tag_prefix: str = setting("", "names that begin so are ours even where nothing else says it")
    classes: Mapping[str, str] = setting({})
    create_values: Mapping[str, Any] = setting({}, "values for what its capabilities require of a request beyond ours")
    clean_actions: tuple[str, ...] = setting(CLEAN_ACTIONS, "resets in the order of preference: the first one offered")
    is_clean_without_action: bool = setting(False, "whether a device that offers no reset counts as clean")
