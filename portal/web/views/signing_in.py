"""Login and logout: Django's own views with our templates; where to go next is checked to be a page of ours."""

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView


class Login(LoginView):
    http_method_names = ["get", "post", "head", "options"]
    redirect_authenticated_user = True
    extra_context = {"is_demo": settings.HEDDLE_DEMO}


login = Login.as_view()
logout = LogoutView.as_view()
