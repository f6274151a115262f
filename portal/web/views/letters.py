"""What a link in a letter does, for whoever holds it, signed in or not. GET only asks: mail programs open links."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal.access import Reach, reach_of_user
from portal.accounts.models import User
from portal.letter_links import ExtendWish, StopWish, read_extend, read_stop
from portal.web.present.notice_settings import TOPIC_WORDS
from portal.web.views.errors import error_page
from scheduler.models import Reservation
from scheduler.notice_topics import Channel
from scheduler.refusals import Invalid, RefusalCode, Refused, WrongState
from scheduler.requests import Actor
from scheduler.services.extend import extend
from scheduler.services.notice_choices import unsubscribe
from scheduler.states import EXTENDABLE

STEP = timedelta(hours=1)
LATER = "It ends later already. Nothing was changed."
OVER = "It has ended, or you may not change it any more. Nothing was changed."


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, secret: str) -> HttpResponse:
    """Mail programs post to it by themselves (RFC 8058), so it asks for no token: the address is one."""
    wish = read_stop(secret)
    if wish is None or not User.objects.filter(pk=wish.user_id).exists():
        raise Http404
    if request.method == "POST":
        unsubscribe(user_id=wish.user_id, topic=wish.topic)
    context = {"kind": _kind(wish), "is_done": request.method == "POST"}
    return render(request, "letters/stop_page.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def extend_by_letter(request: HttpRequest, secret: str) -> HttpResponse:
    """An hour more, for the one the letter was written to, as long as what it told is not over."""
    wish = read_extend(secret)
    if wish is None:
        raise Http404
    found = _extendable(wish)
    if found is None:
        return error_page(request, 409, detail=OVER)
    reservation, user, reach = found
    until = wish.valid_until + STEP
    if reservation.ends_at > until:
        return error_page(request, 409, detail=LATER)
    is_done = reservation.ends_at == until
    context = {"it": reservation, "until": until, "zone": reservation.pool.time_zone, "is_done": is_done}
    if request.method != "POST":
        return render(request, "letters/extend_page.html", context)
    by = Actor(
        name=user.get_username(), user_id=user.pk, door=Channel.MAIL, request_id=getattr(request, "request_id", "")
    )
    try:
        extend(reservation=reservation, ends_at=until, by=by, now=timezone.now(), sees=reach.project_ids)
    except Refused as refused:
        is_consent = any(refusal.code == RefusalCode.NEEDS_APPROVAL for refusal in refused.refusals)
        context |= {"refused": [refusal.message for refusal in refused.refusals], "needs_consent": is_consent}
        return render(request, "letters/extend_page.html", context, status=409)
    except (WrongState, Invalid):
        return error_page(request, 409, detail=OVER)
    return render(request, "letters/extend_page.html", {**context, "is_done": True})


def _extendable(wish: ExtendWish) -> tuple[Reservation, User, Reach] | None:
    """Asked anew each time: who has left the project meanwhile, or may not sign in, extends nothing."""
    user = User.objects.filter(pk=wish.user_id, is_active=True).first()
    reservation = Reservation.objects.select_related("project", "pool").filter(code=wish.code).first()
    if user is None or reservation is None or timezone.now() >= wish.valid_until:
        return None
    if reservation.state not in EXTENDABLE:
        return None
    reach = reach_of_user(user)
    return (reservation, user, reach) if reach.may_end(reservation.project_id) else None


def _kind(wish: StopWish) -> str:
    return TOPIC_WORDS[wish.topic][0] if wish.topic else ""
