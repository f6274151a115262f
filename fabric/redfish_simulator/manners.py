"""How this service does what the standard leaves open: real services differ in each of these, and none is wrong."""

from dataclasses import dataclass
from enum import StrEnum


class Ids(StrEnum):
    """Who names a system."""

    SERVER = "server"  # Id in a request is refused
    CLIENT = "client"  # Id is RequiredOnCreate
    LISTED = "listed"  # Id must be one of the capabilities' allowable values


class Resizing(StrEnum):
    ACTIONS = "actions"  # AddResourceBlock and RemoveResourceBlock
    PATCH = "patch"  # the whole array of Links.ResourceBlocks


class Tags(StrEnum):
    """How ETags look."""

    QUOTED = "quoted"
    BARE = "bare"  # without quotation marks, against RFC 9110, as some do
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """`success_status` is of a create that ends at once: 201 with a body, 200, or 204 without (DSP0266 7.5.1)."""

    page_size: int = 50
    ids: Ids = Ids.SERVER
    resizing: Resizing = Resizing.ACTIONS
    etags: Tags = Tags.QUOTED
    needs_if_match: bool = False  # 428 without
    stale_status: int = 412  # the schema of the actions says 428
    success_status: int = 201
    has_absolute_locations: bool = False
    has_members_under_links: bool = False
    has_capabilities: bool = True
    has_post: bool = True  # else only the Compose action
    has_manifests: bool = True
    keeps_description: bool = True
    has_standard_links: bool = False  # to what DMTF's schemas have and few publish with them, else below Oem
    is_expandable: bool = False  # hosts are systems that are only added to: no POST, no DELETE (DSP2050 15.1.3)
    user: str = "operator"
    password: str = "simulated"
