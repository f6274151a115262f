"""Login and logout: Django's own views with our templates; where to go next is checked to be a page of ours."""

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView

login = LoginView.as_view(redirect_authenticated_user=True, extra_context={"is_demo": settings.HEDDLE_DEMO})
logout = LogoutView.as_view()
