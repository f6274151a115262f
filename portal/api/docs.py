"""The documentation for people, made of the schema: no script, no style and no host but ours."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.api.docs_page import docs_page
from portal.api.schema import Generator


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Open to everybody, as the schema is."""
    return render(request, "api/docs.html", {"page": docs_page(Generator().get_schema())})
