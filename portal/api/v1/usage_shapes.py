"""What projects used, described for the schema."""

from typing import Any

from rest_framework import serializers as s


class Used(s.Serializer[Any]):
    device_hours = s.FloatField(help_text="All the time its devices were attached, set-up and clean-up included.")
    charged_hours = s.FloatField(help_text="Of these the hours within the windows of reservations.")
    price = s.CharField(
        allow_null=True, help_text="Charged hours at the rates that were booked, as text; null: nothing has a rate."
    )
    currency = s.CharField()
    energy_kwh = s.FloatField(help_text="At worst: every device at its limit for as long as it was attached.")


class UsageRow(Used):
    project = s.CharField()
    pool = s.CharField()
    device_class = s.CharField(allow_null=True, help_text="Null: the hosts themselves, which only draw power.")
    period_starts_at = s.DateTimeField()
    period_ends_at = s.DateTimeField()


class Usage(s.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language, and so cannot be written as an attribute."""
        return {
            "from": s.DateTimeField(),
            "to": s.DateTimeField(),
            "by": s.ChoiceField(["class", "day", "month"]),
            "total": Used(help_text="Of the whole period, not only of this page."),
            "results": UsageRow(many=True),
            "next": s.URLField(allow_null=True),
        }
