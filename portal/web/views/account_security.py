"""The password, and the sessions that were begun with it.

A session stands as long as the stored password is the one it was begun with. So a new password, or the same one
stored with a new salt, ends every other session of its owner at once; this one is tied to what is stored now.
"""

import math

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.access import person_of
from portal.accounts.models import User
from portal.throttles.passwords import TooManyTries, try_again
from portal.web.pages import page
from portal.web.toasts import say
from portal.web.views.account import saved, show
from scheduler.refusals import FieldError

PASSWORD_CHARS_MAX = 4_096  # hashing more would only cost time


@sensitive_post_parameters()
@page
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    try:
        attempt = try_again(request, person_id=person_of(request).pk)
    except TooManyTries as many:
        return _told_to_wait(request, "old_password", many)
    form = PasswordChangeForm(person_of(request), data=_shortened(request))
    is_valid = form.is_valid()
    if "old_password" not in form.errors:
        attempt.succeeded()
    if not is_valid:
        errors = tuple(
            FieldError(field, "invalid", str(message)) for field, found in form.errors.items() for message in found[:1]
        )
        return show(request, errors=errors, status=400)
    me = form.save(commit=False)
    me.save(update_fields=["password"])
    update_session_auth_hash(request, me)
    say(request, "Your password was changed, and every other session of yours is signed out.")
    return saved("password")


@sensitive_post_parameters()
@page
@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """Asks for the password: it is what the sessions hang on, and it must be stored anew to end them."""
    me, given = person_of(request), request.POST.get("password", "")[:PASSWORD_CHARS_MAX]
    if not given:
        return _refused(request, "Give your password.")
    try:
        attempt = try_again(request, person_id=me.pk)
    except TooManyTries as many:
        return _told_to_wait(request, "password", many)
    if not me.check_password(given):
        return _refused(request, "That is not your password.")
    attempt.succeeded()
    before = me.password
    me.set_password(given)
    if not User.objects.filter(pk=me.pk, password=before).update(password=me.password):
        return _refused(request, "Your password has just been changed elsewhere. Sign in again.")
    update_session_auth_hash(request, me)
    say(request, "Every other session of yours is signed out.")
    return saved("sessions")


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    return show(request, errors=(FieldError("password", "invalid", words),), status=400)


def _told_to_wait(request: HttpRequest, field: str, many: TooManyTries) -> HttpResponse:
    minutes = math.ceil(many.retry_in / 60)
    words = f"There were too many wrong passwords. Try again in {minutes} minute{'s'[: minutes != 1]}."
    answer = show(request, errors=(FieldError(field, "throttled", words),), status=429)
    answer.headers["Retry-After"] = str(math.ceil(many.retry_in))
    return answer


def _shortened(request: HttpRequest) -> dict[str, str]:
    return {name: str(value)[:PASSWORD_CHARS_MAX] for name, value in request.POST.items()}
