"""What the service is made to do wrong; how its knobs are turned is the emulator's matter."""

from enum import StrEnum


class Knob(StrEnum):
    """The HTTP face's own; every `FaultKind` of the emulator is a knob too."""

    GARBAGE = "garbage"  # done, and answered 200 with a page that is no JSON
    ERROR_IN_200 = "error_in_200"  # not done, and answered 200 with an error inside
    SILENT = "silent"  # a mutation is done, and its reply never comes
    DEAF = "deaf"  # a read is never answered
    BUSY_READ = "busy_read"  # a read is refused with 503 and Retry-After
    SESSION_EXPIRED = "session_expired"  # 401 once more
    ETAG_RACE = "etag_race"  # somebody else was faster: 412 or 428
    TASK_LOST = "task_lost"  # a monitor answers 404
    LISTING_CUT = "listing_cut"  # the blocks' collection leaves out every other member, and counts them all
    STATE_NOT_KEPT = "state_not_kept"  # blocks always say Unused, and link to no system
    HALF_APPLIED = "half_applied"  # half the blocks are taken, and the answer is 500
    TWIN = "twin"  # two systems of one name
    TWO_OWNERS = "two_owners"  # a second system, of another name, lists the blocks of each
    RESTART = "restart"  # sessions and tasks are forgotten, what is bound stays
    HOST_ON = "host_on"  # hosts must be off, and are not
    HIDDEN = "hidden"  # a block is linked, and its host does not see it
    FOREIGN = "foreign"  # somebody else attaches a block: {"block", "host", "name"}
    GONE = "gone"  # a block's resource is 404
