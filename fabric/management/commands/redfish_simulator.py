"""`manage.py redfish_simulator`: a pool's emulated fabric as a Redfish service, for a Redfish driver to be tried on."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from fabric.models import DeviceClass, Pool
from fabric.redfish_simulator.app import answering
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.manners import Manners
from fabric.redfish_simulator.server import LOOPBACK, listener, server
from fabric.services.drivers import emulated_fabric_of
from fabric.services.simulators import login_of


class Command(BaseCommand):
    help = "Serve a pool's emulated fabric as a Redfish composition service on this machine, until interrupted."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--pool", required=True, help="code of the pool")
        parser.add_argument("--port", type=int, default=0, help="0 takes a free one, which is printed")
        parser.add_argument("--user", default=Manners().user, help="who may log in")
        parser.add_argument("--password", default=Manners().password, help="a simulated secret, not a real one")
        parser.add_argument("--managed", action="store_true", help="let in whom the pool's fabric manager logs in as")

    def handle(self, *args: Any, pool: str, port: int, user: str, password: str, managed: bool, **options: Any) -> None:
        found = Pool.objects.filter(code=pool).first()
        if found is None:
            raise CommandError(f"There is no pool {pool}.")
        if managed:
            login = login_of(found)
            user, password = login.user, login.password
        face = Face(
            path=emulated_fabric_of(found),
            clock=time.time,
            manners=Manners(user=user, password=password),
            kinds=dict(DeviceClass.objects.values_list("code", "kind")),
        )
        try:
            opened = listener(port)
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used: {error.strerror}.") from error
        connections.close_all()
        with opened:
            self.stdout.write(f"http://{LOOPBACK}:{opened.getsockname()[1]}/redfish/v1  user {user}")
            self.stdout.flush()
            server(answering(face)).run(sockets=[opened])
