"""Login and logout: Django's own views with our templates; where to go next is checked to be a page of ours.

Whoever gives too many wrong passwords is told to wait, before the password is looked at.
"""

import math
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse

from portal.throttles.passwords import TooManyTries, Try, try_to_sign_in

ACCOUNT_CHARS_MAX = 150


class Login(LoginView):
    http_method_names = ["get", "post", "head", "options"]
    redirect_authenticated_user = True
    extra_context = {"is_demo": settings.HEDDLE_DEMO}
    attempt: Try | None = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        account = self._account()
        try:
            self.attempt = try_to_sign_in(request, account=account)
        except TooManyTries as many:
            return self._wait(many, account)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        if self.attempt is not None:
            self.attempt.succeeded()
        return super().form_valid(form)

    def _account(self) -> str:
        """Read as the form will read it: it strips and normalizes, and so must what is counted."""
        field = self.get_form_class()(self.request).fields["username"]
        return str(field.to_python(self.request.POST.get("username", "")))[:ACCOUNT_CHARS_MAX]

    def _wait(self, many: TooManyTries, account: str) -> HttpResponse:
        """With a form that was not filled: to look at one that is means to try the password."""
        form = self.get_form_class()(self.request, initial={"username": account})
        context = self.get_context_data(form=form, wait_minutes=math.ceil(many.retry_in / 60))
        answer = self.render_to_response(context, status=429)
        answer.headers["Retry-After"] = str(math.ceil(many.retry_in))
        return answer


login = Login.as_view()
logout = LogoutView.as_view()
