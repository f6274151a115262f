"""`manage.py token USER`: print one new token, alone on standard output, for a first script."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.scopes import Scope
from portal.accounts.token_request import DAYS_DEFAULT, parse_token_request
from portal.accounts.tokens import issue
from scheduler.models import Project
from scheduler.refusals import Invalid
from scheduler.requests import Actor


class Command(BaseCommand):
    help = "Print one new API token, alone on standard output. Without --scopes it may do all its user may."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the account it acts for")
        parser.add_argument("--scopes", default="", help=f"separated by commas: {', '.join(Scope)}")
        parser.add_argument(
            "--days", type=int, default=DAYS_DEFAULT, help=f"how long it lives (default {DAYS_DEFAULT})"
        )
        parser.add_argument("--project", metavar="SLUG", help="narrow it to one project")
        parser.add_argument("--name", default="command line", help="what it is for")

    def handle(self, *, user: str, scopes: str, days: int, project: str | None, name: str, **_: Any) -> None:
        account = User.objects.filter(username=user, is_active=True).first()
        if account is None:
            raise CommandError(f"There is no active user “{user}”.")
        wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
        payload = {"name": name, "scopes": wanted, "days": days, "project": project}
        sees_all = account.has_perm("scheduler.view_all")
        projects = Project.objects.all() if sees_all else Project.objects.filter(memberships__user=account)
        try:
            wish = parse_token_request(payload, projects=set(projects.values_list("slug", flat=True)))
            by = Actor(name="manage.py token", door="command")
            text = issue(user=account, wish=wish, by=by, now=timezone.now())[1]
        except Invalid as invalid:
            raise CommandError("\n".join(f"{error.field}: {error.message}" for error in invalid.errors)) from invalid
        self.stdout.write(text)
