"""Say that somebody is there, so that what was booked ahead is not given back."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.v1 import parameters, shapes
from portal.api.v1.verbs import VerbView
from scheduler.services.check_in import check_in


class CheckIn(VerbView):
    service = staticmethod(check_in)

    @extend_schema(parameters=parameters.GUARDED, request=None, responses=shapes.Reservation, operation_id="check_in")
    def post(self, request: Request, code: str) -> Response:
        """Claim a reservation that is in use, before its `check_in_due_at`; refused before it is active and after."""
        return self.act(request, code)
