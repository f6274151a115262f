"""Rates and fair shares, described for the schema."""

from typing import Any

from rest_framework import serializers as s


class Rate(s.Serializer[Any]):
    device_class = s.CharField(allow_null=True, help_text="Null: every class.")
    priority = s.CharField(allow_null=True, help_text="Null: every priority.")
    weekdays = s.CharField(help_text="ISO numbers, 1 is Monday, in the pool's zone.")
    from_minute = s.IntegerField(help_text="Of the day.")
    until_minute = s.IntegerField()
    usd_per_hour = s.CharField(allow_null=True, help_text="Sets the rate.")
    percent = s.IntegerField(allow_null=True, help_text="Scales what holds without it.")
    valid_from = s.DateTimeField()
    valid_until = s.DateTimeField(allow_null=True)


class Rates(s.Serializer[Any]):
    pool = s.CharField()
    time_zone = s.CharField()
    rates = Rate(many=True)


class PoolShare(s.Serializer[Any]):
    pool = s.CharField()
    factor = s.FloatField(help_text="From 0 to 1; who has the higher one is served earlier.")
    share = s.FloatField(help_text="The part of the pool that is due, of 1.")
    used = s.FloatField(help_text="The part had of what counts for all projects, of 1.")
    accelerator_hours = s.FloatField(help_text="As they were used.")
    counted_hours = s.FloatField(help_text="What is left of them: half are forgotten after each half-life.")
    half_life_days = s.IntegerField()
    reasons = s.ListField(child=s.CharField())


class FairShare(s.Serializer[Any]):
    project = s.CharField()
    pools = PoolShare(many=True)
