"""What refusals and journal entries say alike: they are for people of every zone, so a moment is told in UTC."""

from datetime import UTC, datetime


def in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
