"""What would fit instead: an earlier or later start, less, another class, another zone, a power cap. Pure.

Each is a whole changed request that the same planner granted before it is offered, so that it can be booked as it
stands. One file a kind; `looking` asks them in turn and bounds what they may cost.
"""

from scheduler.planning.alternatives.looking import look_around

__all__ = ["look_around"]
