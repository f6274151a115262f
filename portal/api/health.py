"""Is the process alive, and can it serve? Neither asks for the broker or the workers: bookings work without them."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from fabric.models import Pool
from portal.api.errors import plain_problem
from portal.api.problems import Problem


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database is there, its schema is ours, and a pool is loaded; otherwise 503 with what is missing."""
    if missing := _missing():
        return plain_problem(request, Problem.UNAVAILABLE, detail=missing)
    return JsonResponse({"status": "ready"})


def _missing() -> str | None:
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "The database's schema is not up to date."
        return None if Pool.objects.exists() else "No pool is loaded."
    except DatabaseError:
        return "The database does not answer."
