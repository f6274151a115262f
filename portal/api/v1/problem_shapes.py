"""How a call can fail, described for the schema. What each kind of problem has of this is said in `problem_schemas`."""

from typing import Any

from rest_framework import serializers as s

from scheduler.refusals import RefusalCode

REFUSAL_CODES = [(code.value, code.value) for code in RefusalCode]


class Suggestion(s.Serializer[Any]):
    kind = s.CharField()
    message = s.CharField()
    value = s.JSONField(allow_null=True)


class Refusal(s.Serializer[Any]):
    code = s.ChoiceField(REFUSAL_CODES, help_text="Never changes its meaning; new ones may come.")
    field = s.CharField(allow_blank=True, help_text="What it is about, such as mix[0].lines[1].count.")
    message = s.CharField()
    need = s.FloatField(allow_null=True)
    have = s.FloatField(allow_null=True)
    unit = s.CharField(allow_blank=True)
    overridable_by = s.CharField(allow_null=True)
    suggestions = Suggestion(many=True)


class FieldError(s.Serializer[Any]):
    field = s.CharField(help_text="Path of the field or name of the parameter, such as mix[0].nodes.")
    code = s.CharField(help_text="Such as required, unknown, invalid, unsupported, too_large, naive.")
    message = s.CharField()


class Alternative(s.Serializer[Any]):
    kind = s.CharField()
    message = s.CharField()
    starts_at = s.DateTimeField(allow_null=True)
    ends_at = s.DateTimeField(allow_null=True)
    mix = s.ListField(child=s.DictField(), allow_null=True, help_text="The whole changed mix, or null.")
    request = s.DictField(help_text="The whole body that books exactly this: POST it to `reservations/`.")


class Problem(s.Serializer[Any]):
    """RFC 9457."""

    type = s.CharField()
    title = s.CharField()
    status = s.IntegerField()
    detail = s.CharField(allow_blank=True)
    code = s.CharField()
    request_id = s.CharField(allow_blank=True, help_text="The same as in X-Request-ID; quote it when you ask.")
    errors = FieldError(many=True, required=False, help_text="What is wrong, field by field.")  # type: ignore[assignment]
    refusals = Refusal(many=True, required=False, help_text="Every reason why not.")
    proven = s.BooleanField(required=False, help_text="Whether it is certain that nothing fits.")
    alternatives = Alternative(many=True, required=False, help_text="Changes that would fit.")
    state = s.CharField(required=False, help_text="The present one.")
    version = s.IntegerField(required=False, help_text="The present one.")
