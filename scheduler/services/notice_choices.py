"""What one person wants to be told in the portal. Trouble is no matter of choice."""

from collections.abc import Collection

from scheduler.models import NoticeChoice
from scheduler.notice_topics import OPTIONAL, NoticeTopic


def choose(*, user_id: int, wanted: Collection[NoticeTopic]) -> None:
    """These topics and no other optional ones, from the next notice on. Twice is as once. One query."""
    rows = [NoticeChoice(user_id=user_id, topic=topic, is_wanted=topic in wanted) for topic in sorted(OPTIONAL)]
    NoticeChoice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "topic", "channel"], update_fields=["is_wanted"]
    )
