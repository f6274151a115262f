"""Projects the caller belongs to."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import reach_of
from portal.accounts.scopes import Scope
from portal.api.paging import PAGING, paged, place
from portal.api.v1 import parameters, shapes
from portal.api.v1.wire import project_wire
from portal.api.views import ApiView
from scheduler.queries.projects import project_page


class ProjectList(ApiView):
    known = PAGING
    scopes = {"GET": Scope.RESERVATIONS_READ}

    @extend_schema(
        parameters=parameters.named(*PAGING), responses=shapes.page_of(shapes.Project), operation_id="projects"
    )
    def get(self, request: Request) -> Response:
        """Projects with the caller's role; an operator who is not in one sees it with the role null."""
        limit, after = place(request, self.params)
        self.params.check()
        reach = reach_of(request)
        page = project_page(
            user_id=reach.user_id,
            sees_all=reach.sees_all,
            only_project_id=reach.only_project_id,
            limit=limit,
            after=after,
        )
        return paged(request, page, project_wire)
