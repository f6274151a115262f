"""What a page costs at least: our base, a session, somebody signed in, and fifty rows that are there already."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines

from portal.web.pages import frame_of, page
from scheduler.models import Reservation

ROWS = 50
PATH = "/bench/plain/"
_TEXT = """{% extends "base.html" %}{% block content %}<div class="head"><h1>Plain</h1></div>
<section class="card"><table><tbody>{% for row in rows %}<tr id="row-{{ row.code }}"><td>
<a href="{% url 'web:reservation' row.code %}">{{ row.title }}</a></td><td><code>{{ row.code }}</code></td>
<td>{{ row.state }}</td><td>{{ row.starts_at }}</td><td>{{ row.ends_at }}</td></tr>{% endfor %}
</tbody></table></section>
{% endblock %}"""


@page
def plain(request: HttpRequest) -> HttpResponse:
    wanted = Reservation.objects.order_by("-id").values("code", "title", "state", "starts_at", "ends_at")
    context = {"rows": list(wanted[:ROWS]), "frame": frame_of(request)}
    return HttpResponse(_template().render(context, request))


@cache
def _template() -> Any:
    """Read once, as those in files are."""
    return engines["django"].from_string(_TEXT)
