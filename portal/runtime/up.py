"""`manage.py up`: servers, schema, demo, web, worker and beat from one command, and one address to open."""

import argparse
import ipaddress
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from portal.runtime import claim, crew, mailing, paths, postgres, servers, simulators
from portal.runtime.supervisor import Supervisor
from portal.runtime.trouble import Trouble

PORT = 8000
ACCOUNTS = "accounts"
LETTERS = "letters"
"""Name and password of the demo's people, a line each, readable by us alone."""
OURS = (
    "postgres", "postgres.new", "secret-key", "fabric-keys", ACCOUNTS, "log", "run.json", "run.json.new", "emulator*",
    "simulators.json*", LETTERS,
)  # fmt: skip
"""What `--reset` deletes in a data folder; anything else in it is not ours."""


def main(*, command: str, arguments: list[str]) -> int:
    options = _parser(command).parse_args(arguments)
    data = paths.data_dir()
    os.environ["HEDDLE_DATA_DIR"] = str(data)
    supervisor = Supervisor(say=_say)
    held = _claim(data=data, options=options)
    try:
        if options.reset and not _reset(data=data, is_agreed=options.yes):
            return 1
        _run(options=options, data=data, held=held, supervisor=supervisor)
    finally:
        supervisor.stop()
        if isinstance(held, claim.Claim):
            servers.tidy(data=data)
            held.release()
    return 0


def _run(*, options: argparse.Namespace, data: Path, held: claim.Claim | claim.Running, supervisor: Supervisor) -> None:
    roles = [options.only] if options.only else list(crew.ROLES)
    listener = _listen(host=options.host, port=options.port) if "web" in roles else None
    url = _url(host=options.host, listener=listener) if listener else ""
    log = None if options.only else data / "log"
    environment = _environment(options=options, url=url)
    if isinstance(held, claim.Claim):
        addresses = servers.addresses(data=data)
        for child in servers.ours(data=data, log=data / "log"):
            supervisor.start([child])
            if child.name == "postgres" and not supervisor.is_stopping:
                postgres.create_database(data=data)
        environment |= addresses.environment()
        if not supervisor.is_stopping:
            crew.prepare(
                environment=environment,
                options=_preparation(options),
                log=data / "log",
                is_interrupted=lambda: supervisor.is_stopping,
            )
    else:
        environment |= {"DATABASE_URL": held.database_url, "REDIS_URL": held.redis_url}
    if isinstance(held, claim.Claim) and not options.only:
        supervisor.start(simulators.children(data=data, environment=environment))
    supervisor.start([crew.role(name=name, environment=environment, listener=listener, log=log) for name in roles])
    if supervisor.is_stopping:
        return
    if isinstance(held, claim.Claim):
        held.announce(_running(environment=environment, url=url))
    _greet(url=url, data=data, is_whole=not options.only)
    supervisor.watch()
    _say("Stopping …")


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"manage.py {command}", description="Start Heddle and everything it needs.")
    parser.add_argument(
        "--port", type=int, default=PORT, help=f"port of the portal (default {PORT}; 0 finds a free one)"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; demo accounts exist on a loopback one only"
    )
    parser.add_argument(
        "--pool", help="lab, pod, scale or a pool file (default lab); loaded too if another is there already"
    )
    parser.add_argument(
        "--fabric",
        choices=simulators.FABRICS,
        help="how the demo's fabric is driven: within the portal (emulator), or through a service of its own over HTTP "
        "(redfish, counted); without it as it was",
    )
    parser.add_argument("--faults", choices=["pool"], help="pool: the emulated fabric fails as the pool file says")
    parser.add_argument(
        "--only", choices=crew.ROLES, help="only this role, beside a running `up` or with servers of your own"
    )
    parser.add_argument("--reset", action="store_true", help="delete the data first (asks)")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--data-dir", metavar="FOLDER", help="where the data is (default .data in the checkout)")
    return parser


def _preparation(options: argparse.Namespace) -> list[str]:
    """A role on its own only brings the schema up to date."""
    if options.only:
        return []
    wanted = ["--seed"]
    wanted += ["--pool", options.pool] if options.pool else []
    wanted += ["--fabric", options.fabric] if options.fabric else []
    wanted += ["--faults", options.faults] if options.faults else []
    return wanted


def _claim(*, data: Path, options: argparse.Namespace) -> claim.Claim | claim.Running:
    """A role on its own may work beside a running `up`, or on given servers without holding anything."""
    if not options.only:
        return claim.Claim(data=data, command="up")
    if servers.are_given():
        return claim.Running(
            pid=os.getpid(), command="up", database_url=os.environ["DATABASE_URL"], redis_url=os.environ["REDIS_URL"]
        )
    return claim.claim_or_find(data=data, command="up")


def _reset(*, data: Path, is_agreed: bool) -> bool:
    if os.environ.get("DATABASE_URL"):
        raise Trouble("--reset is for Heddle's own database; the one in DATABASE_URL is yours to empty.")
    if not is_agreed and not _agrees(f"Delete everything Heddle keeps in {data}? [y/N] "):
        _say("Nothing was deleted.")
        return False
    for pattern in OURS:
        for path in data.glob(pattern):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return True


def _agrees(question: str) -> bool:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _listen(*, host: str, port: int) -> socket.socket:
    """Take the port before anything is started; web inherits it, so a restart of web loses no connection."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(crew.BACKLOG)
    except OSError as error:
        raise Trouble(
            f"Cannot listen on {host} port {port} ({error.strerror}): choose another with --port (0 finds a free one)."
        ) from None
    return listener


def _url(*, host: str, listener: socket.socket) -> str:
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{listener.getsockname()[1]}"


def _environment(*, options: argparse.Namespace, url: str) -> dict[str, str]:
    """What the children get on top of ours. Accounts with known names are for this machine alone."""
    environment = {
        **os.environ,
        "HEDDLE_BASE_URL": os.environ.get("HEDDLE_BASE_URL") or url or f"http://127.0.0.1:{PORT}",
    }
    environment.setdefault("HEDDLE_DEMO", "0" if options.only or not _is_loopback(options.host) else "1")
    environment.setdefault("HEDDLE_POOL", options.pool or "lab")
    environment["C_FORCE_ROOT"] = "1"
    environment["PYTHONUNBUFFERED"] = "1"
    return environment | _mail(environment)


def _mail(environment: Mapping[str, str]) -> dict[str, str]:
    """The demo posts to a folder. A setting that cannot work is said before anything is started. Raises Trouble."""
    mine = {"HEDDLE_MAIL_URL": environment.get("HEDDLE_MAIL_URL", "")}
    mine["HEDDLE_MAIL_FROM"] = environment.get("HEDDLE_MAIL_FROM", "")
    if environment["HEDDLE_DEMO"] == "1" and not mine["HEDDLE_MAIL_URL"]:
        mine = {"HEDDLE_MAIL_URL": (paths.data_dir() / LETTERS).as_uri(), "HEDDLE_MAIL_FROM": "heddle@example.org"}
    try:
        mailing.connection(mine["HEDDLE_MAIL_URL"])
        mailing.sender(mine["HEDDLE_MAIL_FROM"], url=mine["HEDDLE_MAIL_URL"])
    except ValueError as error:
        raise Trouble(str(error)) from None
    return mine


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _running(*, environment: dict[str, str], url: str) -> claim.Running:
    return claim.Running(
        pid=os.getpid(),
        command="up",
        database_url=environment["DATABASE_URL"],
        redis_url=environment["REDIS_URL"],
        url=url,
    )


def _greet(*, url: str, data: Path, is_whole: bool) -> None:
    """The only lines on standard output: the address, then the demo accounts."""
    accounts = data / ACCOUNTS
    lines = [url] if url else []
    if is_whole and accounts.exists():
        lines += accounts.read_text(encoding="utf-8").splitlines()
    if lines:
        print("\n".join(lines), flush=True)
    _say(f"Ready. Data and logs are in {data}. Ctrl-C stops everything.")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
