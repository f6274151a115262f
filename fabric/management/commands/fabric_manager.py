"""`manage.py fabric_manager`: what drives a fabric, where it is, who we are to it, and what is overlaid on it."""

import getpass
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fabric.drivers.base import DriverError
from fabric.drivers.credentials import Credentials
from fabric.drivers.registry import DRIVERS, NoSuchDriver
from fabric.models import FabricManager
from fabric.services.name_driver import StillWired, name_driver


class Command(BaseCommand):
    help = "Name the driver of a fabric manager, its endpoint and its profile; asks it for its devices first."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("pool", help="code of the pool")
        parser.add_argument("code", help="code of the fabric manager")
        parser.add_argument("--driver", required=True, choices=sorted(DRIVERS))
        parser.add_argument("--endpoint", default="", help="where its service is, such as https://fabric.example")
        parser.add_argument("--profile", default="{}", help='JSON, such as {"auth": "basic", "settle_seconds": 60}')
        parser.add_argument(
            "--user",
            help="who we are to it; the password is asked for, or is the first line of standard input. "
            "Without it the credentials that are stored stay, for the same host; an empty one takes them away",
        )

    def handle(self, *args: Any, pool: str, code: str, driver: str, user: str | None, **options: Any) -> None:
        manager = FabricManager.objects.select_related("pool").filter(pool__code=pool, code=code).first()
        if manager is None:
            known = ", ".join(f"{p} {c}" for p, c in FabricManager.objects.values_list("pool__code", "code"))
            raise CommandError(f"There is no fabric manager {pool} {code}; there are: {known or 'none'}.")
        overlay = _overlay(options["profile"])
        credentials = _credentials(user) if user is not None else None
        try:
            named, devices = name_driver(
                manager=manager, driver=driver, endpoint=options["endpoint"], profile=overlay, credentials=credentials
            )
        except (DriverError, NoSuchDriver, StillWired) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{named.code} is driven by {named.driver}, which shows {devices} devices.")


def _overlay(text: str) -> dict[str, Any]:
    try:
        overlay = json.loads(text)
    except ValueError as error:
        raise CommandError("The profile is not JSON.") from error
    if not isinstance(overlay, dict):
        raise CommandError("The profile is an object of names and values.")
    return overlay


def _credentials(user: str) -> Credentials:
    """Never from the command line, which every process of the machine can read."""
    if not user:
        return Credentials()
    if sys.stdin.isatty():
        return Credentials(user, getpass.getpass(f"Password of {user}: "))
    return Credentials(user, sys.stdin.readline().rstrip("\r\n"))
