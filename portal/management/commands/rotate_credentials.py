"""`manage.py rotate_credentials`: seal the credentials of all fabric managers, and the secrets of webhooks, with the
first key.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fabric.drivers.base import DriverError
from fabric.services.credentials import rotate
from scheduler.services.webhooks import seal_secrets_anew


class Command(BaseCommand):
    help = "Seal all stored credentials with the first of the keys; after that the others are not needed any more."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--new-key", action="store_true", help="put a new key first in the key file before")
        parser.add_argument("--forget-old", action="store_true", help="drop all other keys from the key file after")

    def handle(self, *args: Any, new_key: bool, forget_old: bool, **options: Any) -> None:
        try:
            sealed = rotate(new_key=new_key, forget_old=forget_old, also=[seal_secrets_anew])
        except DriverError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{sealed} sealed with another key than before.")
