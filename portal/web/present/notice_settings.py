"""What one is told of, by which channel and when, in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scheduler import limits
from scheduler.notice_topics import OPTIONAL, Channel, NoticeTopic
from scheduler.post.times import DIGESTED

TOPIC_WORDS: Mapping[NoticeTopic, tuple[str, str]] = {
    NoticeTopic.STARTING: ("It begins", f"{limits.STARTING_SOON_MINUTES} minutes before, and when it can be used"),
    NoticeTopic.ENDING: ("It ends soon", f"{limits.ENDING_SOON_MINUTES} minutes before a reservation ends"),
    NoticeTopic.OUTCOME: ("It is over", "It ended, was cancelled, or its hold ran out"),
    NoticeTopic.CHANGE: ("It changed", "It was moved or shortened, has to wait, or got another device"),
    NoticeTopic.WAITLIST: ("Its turn has come", "What you wait for is offered or booked, or what you wish would fit"),
    NoticeTopic.APPROVAL: ("Approval", "Somebody asks for yours, or has given theirs"),
    NoticeTopic.QUOTA: ("A quota is near", "Your project has used most of a quota or budget"),
    NoticeTopic.TROUBLE: (
        "Something is wrong",
        "It failed, is idle, gives way, was declined, has lost a device or its plan, or somebody else cancelled or"
        " shortened it; a webhook was switched off. Under Notices you are always told",
    ),
}


@dataclass(frozen=True, slots=True)
class TopicChoice:
    value: str
    label: str
    hint: str
    in_portal: bool
    by_mail: bool
    is_fixed: bool  # in the portal


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """Times as a time field takes them. `address` is empty where none is known; `posts`: this site sends mail."""

    topics: tuple[TopicChoice, ...]
    times: Mapping[str, str]
    address: str
    posts: bool
    digested: str


def notice_view(
    *, wanted: Mapping[Channel, Collection[NoticeTopic]], times: Mapping[str, str], address: str, posts: bool
) -> NoticeSettings:
    digested = " · ".join(label for topic, (label, _) in TOPIC_WORDS.items() if topic in DIGESTED)
    return NoticeSettings(_topic_choices(wanted), times, address, posts, digested)


def _topic_choices(wanted: Mapping[Channel, Collection[NoticeTopic]]) -> tuple[TopicChoice, ...]:
    portal, mail = wanted[Channel.PORTAL], wanted[Channel.MAIL]
    return tuple(
        TopicChoice(topic, label, hint, topic in portal, topic in mail, topic not in OPTIONAL)
        for topic, (label, hint) in TOPIC_WORDS.items()
    )
