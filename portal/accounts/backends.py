"""Who may sign in: people. A service account has tokens and nothing else."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from portal.accounts.models import User


class PeopleBackend(ModelBackend):
    """Django's own, which asks this at every sign-in and again for every request of a session."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return super().user_can_authenticate(user) and getattr(user, "service_of_id", None) is None
