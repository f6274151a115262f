"""One's own account in words: what one is told of, where in the world a zone is."""

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby

from portal.web.present.tokens import Choice
from scheduler import limits
from scheduler.notice_topics import OPTIONAL, NoticeTopic

TOPIC_WORDS: Mapping[NoticeTopic, tuple[str, str]] = {
    NoticeTopic.ENDING: ("It ends soon", f"{limits.ENDING_SOON_MINUTES} minutes before a reservation ends"),
    NoticeTopic.OUTCOME: ("It is over", "It ended, was cancelled, or its hold ran out"),
    NoticeTopic.CHANGE: ("It changed", "It was moved or shortened, has to wait, or got another device"),
    NoticeTopic.TROUBLE: (
        "Something is wrong",
        "It failed, has lost a device or its plan, or somebody else cancelled or shortened it; a webhook was switched"
        " off. You are always told",
    ),
}


def topic_choices(wanted: Collection[NoticeTopic]) -> tuple[Choice, ...]:
    return tuple(Choice(topic, *TOPIC_WORDS[topic], topic in wanted, topic not in OPTIONAL) for topic in NoticeTopic)


def zone_groups(names: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By continent, in the order given; a name without one stands alone under no heading."""
    return tuple((place, tuple(of_place)) for place, of_place in groupby(names, key=_continent))


def _continent(name: str) -> str:
    place, slash, _ = name.partition("/")
    return place if slash else ""
