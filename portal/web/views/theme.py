"""Light, dark, or as the person's machine is. Kept with the person, so that it holds on all their machines."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.access import person_of
from portal.accounts.models import User
from portal.accounts.themes import Theme
from portal.web.pages import page
from portal.web.toasts import Undo, say
from portal.web.urls_of_pages import page_of_ours
from portal.web.views.errors import error_page


@page
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Goes back to the page it was sent from, named by `next`."""
    me, wanted = person_of(request), request.POST.get("theme", "")
    if wanted not in set(Theme):
        return error_page(request, 400, detail="theme: choose light, dark, or as your system is.")
    back = page_of_ours(request, default="web:account")
    if wanted != me.theme:
        User.objects.filter(pk=me.pk).update(theme=wanted)
        undo = Undo(reverse("web:theme"), {"theme": me.theme, "next": back})
        say(request, f"Theme: {Theme(wanted).label.lower()}.", undo=undo)
    return redirect(back)
