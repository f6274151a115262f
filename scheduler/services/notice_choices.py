"""What one person wants to be told, by channel, and when mail may come. Under Notices, trouble is always told."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import F

from scheduler.models import Letter, NoticeChoice, NoticeTimes
from scheduler.notice_topics import MAY_DECLINE, Channel, NoticeTopic
from scheduler.post.times import PostTimes
from scheduler.states import LetterState


@transaction.atomic
def choose(*, user_id: int, wanted: Mapping[Channel, Collection[NoticeTopic]], times: PostTimes | None = None) -> None:
    """These topics and no other optional ones of these channels, from the next entry on. Twice is as once.

    Letters that wait are looked at again: their time is that of the new choice.
    """
    rows = [
        NoticeChoice(user_id=user_id, topic=topic, channel=channel, is_wanted=topic in topics)
        for channel, topics in wanted.items()
        for topic in sorted(MAY_DECLINE[channel])
    ]
    NoticeChoice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "topic", "channel"], update_fields=["is_wanted"]
    )
    if times is not None:
        kept = {"quiet_from": times.quiet_from, "quiet_until": times.quiet_until, "digest_at": times.digest_at}
        NoticeTimes.objects.update_or_create(user_id=user_id, defaults=kept)
        Letter.objects.filter(user_id=user_id, state=LetterState.PENDING, tries=0).update(due_at=F("created_at"))


def unsubscribe(*, user_id: int, topic: NoticeTopic | None) -> None:
    """By the link of a letter: no mail of this topic, or of any, any more. The portal goes on telling."""
    topics = sorted(MAY_DECLINE[Channel.MAIL]) if topic is None else [topic]
    rows = [NoticeChoice(user_id=user_id, topic=one, channel=Channel.MAIL, is_wanted=False) for one in topics]
    NoticeChoice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "topic", "channel"], update_fields=["is_wanted"]
    )
