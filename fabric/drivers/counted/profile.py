"""What an operator may say of one such service."""

from collections.abc import Mapping
from dataclasses import dataclass

from fabric.drivers.profiles import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Times in seconds. An operator's values stand over these; `fabric.drivers.profiles` checks them."""

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
    poll_seconds: float = setting(2.0, least=0.1)
    pages_max: int = setting(200, least=1)
    body_bytes_max: int = setting(8 << 20, least=1)
    classes: Mapping[str, str] = setting({})
