"""What a swap would do, in words."""

from dataclasses import dataclass
from datetime import timedelta

from portal.web.present.words import duration, plural
from scheduler.services.swap import SwapOffer


@dataclass(frozen=True, slots=True)
class SwapView:
    """`pairs` are old and new; more than one where devices are bridged and go together."""

    node: str
    pairs: tuple[tuple[str, str], ...]
    statement: str
    host: str
    length: str


def swap_view(offer: SwapOffer) -> SwapView:
    is_one = len(offer.given) == 1
    new, old = ("device", "one is") if is_one else (plural(len(offer.given), "device"), "ones are")
    return SwapView(
        node=f"Node {offer.node + 1}",
        pairs=tuple(sorted(offer.given.items())),
        statement=(
            f"The new {new} will be attached and proven first, then access is written anew. "
            f"The old {old} detached last, cleaned, and proven gone or set aside."
        ),
        host=(
            "The host reboots: what runs on it is stopped."
            if offer.needs_reboot
            else "The host goes on running; what uses the old device has to let go of it."
        ),
        length=f"about {duration(timedelta(seconds=offer.seconds))}",
    )
