"""JSON that an operator types, read as strictly as the API reads a body."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput

from portal.api.body import parse
from scheduler.refusals import Invalid

CHARS_MAX = 20_000


class StrictJsonField(forms.JSONField):
    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or value in self.empty_values:
            return super().to_python(value)
        if len(value) > CHARS_MAX:
            raise ValidationError(f"At most {CHARS_MAX:,} characters are read.")
        try:
            return parse(value.encode("utf-8", "surrogatepass"))
        except Invalid as invalid:
            raise ValidationError([error.message for error in invalid.errors]) from invalid

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed, to be shown again as it was typed where it cannot be read."""
        try:
            return None if data is None else self.to_python(data)
        except ValidationError:
            return InvalidJSONInput(data)
