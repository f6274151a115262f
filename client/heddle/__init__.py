"""The Python client of a Heddle portal, and the `heddle` command on top of it. It speaks HTTP and knows no Django.

A request is a value (`calls`): what is sent, with the Idempotency-Key it keeps however often it is sent. What may be
sent again and when, and how a wait goes on over several long polls, is decided once (`flows`), and two thin clients
carry it out: `Heddle`, and `AsyncHeddle` for asyncio. Answers are dictionaries as the portal sent them, with types
(`shapes`); what it did not grant is an exception (`problems`).
"""

from heddle.asynchronous import AsyncHeddle
from heddle.calls import Call
from heddle.flows import Retries
from heddle.problems import (
    ConnectionFailed,
    Forbidden,
    HeddleError,
    Invalid,
    KeyReused,
    Missed,
    NotFound,
    PoolBusy,
    Problem,
    Refused,
    ServerFailed,
    Stale,
    StillRunning,
    Throttled,
    TimedOut,
    Unauthenticated,
    Unsendable,
    WrongState,
)
from heddle.synchronous import Heddle

__all__ = [
    "AsyncHeddle",
    "Call",
    "ConnectionFailed",
    "Forbidden",
    "Heddle",
    "HeddleError",
    "Invalid",
    "KeyReused",
    "Missed",
    "NotFound",
    "PoolBusy",
    "Problem",
    "Refused",
    "Retries",
    "ServerFailed",
    "Stale",
    "StillRunning",
    "Throttled",
    "TimedOut",
    "Unauthenticated",
    "Unsendable",
    "WrongState",
]
