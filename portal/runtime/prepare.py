"""Makes a database ready: schema, and on a first start the pool with its projects and people.

A command of its own (`manage.py prepare`), so that the supervisor never loads Django.
"""

import argparse
import os
from datetime import UTC, datetime

import psycopg

from portal.runtime import paths, simulators
from portal.runtime.trouble import Trouble

ADVISORY_LOCK = 0x6865_6464_6C65  # "heddle": whoever changes the schema holds it, from whatever machine


def main(*, command: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"manage.py {command}", description="Migrate, and load a pool if there is none."
    )
    parser.add_argument("--pool", help="load this pool (lab, pod, scale or a file), even if there is one already")
    parser.add_argument(
        "--seed", action="store_true", help="in the demo, load the pool of HEDDLE_POOL if there is none"
    )
    parser.add_argument("--fabric", choices=simulators.FABRICS, help="how emulated and simulated fabrics are driven")
    parser.add_argument("--faults", choices=["pool"], help="pool: emulated fabrics fail as their pool files say")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    migrate()
    pool = options.pool or (_first_pool() if options.seed else None)
    if pool:
        _load(pool)
    if options.seed:
        _settle_simulators(options.fabric)
    if options.faults:
        _switch_faults_on()
    return 0


def _first_pool() -> str | None:
    """What to load unasked: in the demo, and only while there is no pool at all."""
    from django.conf import settings

    from fabric.models import Pool

    is_wanted = settings.HEDDLE_DEMO and not Pool.objects.exists()
    return str(settings.HEDDLE_POOL) if is_wanted else None


def _load(pool: str) -> None:
    from django.conf import settings

    from fabric.filing import FileRefused
    from portal.runtime import demo

    try:
        demo.load(pool=pool, data_dir=paths.data_dir(), is_demo=bool(settings.HEDDLE_DEMO), now=datetime.now(UTC))
    except FileRefused as refused:
        raise Trouble(str(refused)) from None


def _settle_simulators(wanted: str | None) -> None:
    """Say how each demo fabric is driven, and what has to run for it."""
    from fabric.services.name_driver import StillWired
    from fabric.services.simulators import Simulator, settle

    data = paths.data_dir()
    before = [Simulator(row["pool"], row["driver"], row["port"]) for row in simulators.rows(data=data)]
    try:
        running = settle(wanted=wanted, before=before, choose_port=simulators.choose_port)
    except StillWired as wired:
        raise Trouble(f"The fabric cannot be driven otherwise now. {wired}") from None
    simulators.keep(data=data, wanted=[one.as_row() for one in running])


def _switch_faults_on() -> None:
    from fabric.drivers.emulator import faults
    from fabric.models import Pool
    from fabric.services.drivers import emulated_fabric_of

    simulated = {row["pool"] for row in simulators.rows(data=paths.data_dir())}
    for pool in Pool.objects.order_by("code"):
        if pool.code in simulated or pool.fabric_managers.filter(driver="emulator").exists():
            faults.set_from_pool(path=emulated_fabric_of(pool))


def migrate() -> None:
    """Bring the schema up to date; of several that start together one does it and the others find it done."""
    import django
    from django.core.management import call_command

    django.setup()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        call_command("migrate", verbosity=0, interactive=False)
