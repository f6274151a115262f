"""What the service is made to do wrong; how its knobs are turned is the emulator's matter."""

from enum import StrEnum


class Knob(StrEnum):
    """This face's own; every `FaultKind` of the emulator is a knob too."""

    GARBAGE = "garbage"  # done, and answered 200 with a page that is no JSON
    ERROR_IN_200 = "error_in_200"  # not done, and answered 200 with an error inside
    SILENT = "silent"  # a change is taken, and its reply never comes
    DEAF = "deaf"  # a read is never answered
    BUSY_READ = "busy_read"  # a read is refused with 503 and Retry-After
    TOKEN_EXPIRED = "token_expired"  # 401 once more
    LISTING_CUT = "listing_cut"  # the listing of devices leaves out every other one, and counts them all
    SUSPENDED = "suspended"  # a job is suspended as soon as it is taken, until it is resumed or cancelled
    SECOND_WRITER = "second_writer"  # somebody else gets a device of the spec right before our count is taken
    RESTART = "restart"  # tokens are forgotten; what runs goes on
    HOST_ON = "host_on"  # hosts must be off, and are not
    HIDDEN = "hidden"  # a device is attached, and its host does not see it
    FOREIGN = "foreign"  # somebody else attaches a device: {"block", "host", "name"}
    GONE = "gone"  # a device has no resource; its machine goes on naming it
