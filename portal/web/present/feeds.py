"""Calendar addresses as lines, and what one may have a calendar of."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from portal.accounts.models import CalendarFeed
from portal.web.queries import PoolName
from scheduler.queries.projects import ProjectRow

MINE, PROJECT, POOL = "mine", "project", "pool"
_SEPARATOR = ":"


@dataclass(frozen=True, slots=True)
class FeedLine:
    prefix: str
    kind: str  # "Project", "Pool", or nothing where the name says all
    name: str
    made_at: datetime
    last_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedChoice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class MadeFeed:
    """The one time its address is shown; `subscribe` is the same for a program that takes calendars."""

    name: str
    address: str
    subscribe: str
    is_new: bool


def feed_lines(feeds: Iterable[CalendarFeed]) -> tuple[FeedLine, ...]:
    return tuple(FeedLine(feed.prefix, *kind_and_name(feed), feed.created_at, feed.last_read_at) for feed in feeds)


def kind_and_name(feed: CalendarFeed) -> tuple[str, str]:
    if feed.project is not None:
        return "Project", feed.project.name
    return ("Pool", feed.pool.name) if feed.pool is not None else ("", "My reservations")


def feed_choices(
    *, projects: Iterable[ProjectRow], pools: Iterable[PoolName], chosen: str, taken: Collection[str]
) -> tuple[FeedChoice, ...]:
    """Without those there is a calendar of already."""
    offered = [(MINE, "My reservations")]
    offered += [(f"{PROJECT}{_SEPARATOR}{row.slug}", f"Project: {row.name}") for row in projects]
    offered += [(f"{POOL}{_SEPARATOR}{pool.code}", f"Pool: {pool.name}") for pool in pools]
    return tuple(FeedChoice(value, label, value == chosen) for value, label in offered if value not in taken)


def scope_of(feed: CalendarFeed) -> str:
    if feed.project is not None:
        return f"{PROJECT}{_SEPARATOR}{feed.project.slug}"
    return f"{POOL}{_SEPARATOR}{feed.pool.code}" if feed.pool is not None else MINE


def read_scope(text: str) -> tuple[str, str]:
    """Kind and code; both are empty for what can be no scope."""
    kind, _, code = text.partition(_SEPARATOR)
    return (kind, code) if kind in (MINE, PROJECT, POOL) and "\x00" not in code else ("", "")


def made_feed(feed: CalendarFeed, address: str, *, is_new: bool) -> MadeFeed:
    return MadeFeed(kind_and_name(feed)[1], address, urlunsplit(urlsplit(address)._replace(scheme="webcal")), is_new)
