"""The tokens with which programs act in one's name: made, shown once, revoked after a question."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import actor_of, person_of
from portal.accounts.models import ApiToken
from portal.accounts.token_request import DAYS_DEFAULT, parse_token_request
from portal.accounts.tokens import issue, revoke
from portal.web.forms.payload import number
from portal.web.pages import page, render_page
from portal.web.present.account import scope_choices, token_view
from portal.web.toasts import say
from portal.web.views.account import projects_of, saved, show
from scheduler.refusals import Invalid

_NOT_OURS = frozenset({"csrfmiddlewaretoken", "scopes"})


@never_cache
@page
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """The answer itself shows the token: it is nowhere else, so there is no redirect to lose it on."""
    now = timezone.now()
    payload = {name: value for name, value in request.POST.items() if name not in _NOT_OURS and value != ""}
    if "days" in payload:
        payload["days"] = number(str(payload["days"]))  # type: ignore[assignment]
    payload["scopes"] = request.POST.getlist("scopes")  # type: ignore[assignment]
    try:
        wish = parse_token_request(payload, projects=[row.slug for row in projects_of(request)])
        token, text = issue(user=person_of(request), wish=wish, by=actor_of(request), now=now)
    except Invalid as invalid:
        return show(request, errors=invalid.errors, status=400)
    unticked = scope_choices(ticked=(), operates=False)
    return show(
        request, made=text, made_name=token.name, typed_name="", typed_project="", days=DAYS_DEFAULT, scopes=unticked
    )


@page
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_token(request: HttpRequest, prefix: str) -> HttpResponse:
    """Asks first: a program that uses it stops working at once."""
    found = ApiToken.objects.filter(user=person_of(request), prefix=prefix).select_related("project")
    token, now = found.first(), timezone.now()
    if token is None:
        raise Http404
    if request.method != "POST":
        view = token_view(token, now=now)
        return render_page(request, "accounts/token_revoke.html", {"area": "account", "token": view})
    revoke(token=token, by=actor_of(request), now=now)
    say(request, f"Token “{token.name}” was revoked.")
    return saved("tokens")
