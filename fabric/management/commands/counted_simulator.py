"""`manage.py counted_simulator`: a pool's emulated fabric as a control plane that takes counts and picks devices."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from fabric.counted_simulator.app import answering
from fabric.counted_simulator.face import Face
from fabric.models import Pool, ResourceBlock
from fabric.redfish_simulator.server import LOOPBACK, listener, server
from fabric.services.drivers import emulated_fabric_of
from fabric.services.simulators import login_of


class Command(BaseCommand):
    help = "Serve a pool's emulated fabric as a counted control plane on this machine, until interrupted."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--pool", required=True, help="code of the pool")
        parser.add_argument("--port", type=int, default=0, help="0 takes a free one, which is printed")
        parser.add_argument("--user", default="operator", help="who may ask for a token")
        parser.add_argument("--password", default="simulated", help="a simulated secret, not a real one")
        parser.add_argument("--managed", action="store_true", help="let in whom the pool's fabric manager logs in as")

    def handle(self, *args: Any, pool: str, port: int, user: str, password: str, managed: bool, **options: Any) -> None:
        found = Pool.objects.filter(code=pool).first()
        if found is None:
            raise CommandError(f"There is no pool {pool}.")
        if managed:
            login = login_of(found)
            user, password = login.user, login.password
        path, boxes = emulated_fabric_of(found), boxes_of(found)
        face = Face(path=path, clock=time.time, boxes=boxes, user=user, password=password)
        try:
            opened = listener(port)
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used: {error.strerror}.") from error
        connections.close_all()
        with opened:
            self.stdout.write(f"http://{LOOPBACK}:{opened.getsockname()[1]}  user {user}")
            self.stdout.flush()
            server(answering(face)).run(sockets=[opened])


def boxes_of(pool: Pool) -> dict[str, str]:
    """What stands for a box: everything that makes two equal cards differ for a plan. So one of a spec is any of it."""
    rows = ResourceBlock.objects.filter(pool=pool, pru__isnull=False).select_related("pru")
    return {row.code: " ".join(filter(None, [str(row.pru), row.switch, row.bridge_group])) for row in rows}
