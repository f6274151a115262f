"""A process that has read all code of the roles, and becomes one of them as often as it is asked: a fork for each.

Run as `python -m tests.nursery DESCRIPTOR` by tests/forked.py, one for each process of a test run. To read the code
takes seconds of a processor, longer than most tests; what a role does from its environment on, it does after the fork:
settings are read again. That roles start from nothing is seen where `up` is tested.
"""

import gc
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

from portal.runtime import launcher, roles

REQUEST_BYTES_MAX = 200_000
DESCRIPTORS_MAX = 8
GIVEN = ("HEDDLE_READY_FD", "HEDDLE_LISTEN_FD")
"""Variables that name a descriptor, which has another number here."""
READ = (
    "portal.asgi",
    "portal.urls",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "celery.apps.worker",
    "celery.bin.worker",
    "scheduler.tasks",
    "scheduler.beat",
)


def main(given: int) -> None:
    """Answer one request after another: fork, or tell how a fork ended. Ends with who asks, and all forks with it."""
    import django

    django.setup()
    for module in READ:
        import_module(module)
    gc.freeze()
    with socket.socket(fileno=given) as asked:
        asked.send(b"{}")
        while True:
            request, descriptors, _, _ = socket.recv_fds(asked, REQUEST_BYTES_MAX, DESCRIPTORS_MAX)
            if not request:
                return
            asked.send(json.dumps(answer(json.loads(request), descriptors)).encode())


def answer(request: Mapping[str, Any], descriptors: Sequence[int]) -> dict[str, int | None]:
    if "ended" in request:
        pid, status = os.waitpid(request["ended"], os.WNOHANG)
        return {"code": os.waitstatus_to_exitcode(status) if pid else None}
    ours, pid = os.getpid(), os.fork()
    if not pid:
        become(request, descriptors, parent=ours)
    for descriptor in descriptors:
        os.close(descriptor)
    return {"pid": pid}


def become(request: Mapping[str, Any], descriptors: Sequence[int], *, parent: int) -> NoReturn:
    """The role: in a session of its own, with its output in its log, by its own environment."""
    code = 1
    try:
        os.setsid()
        launcher.die_with(parent, signal=request["when_orphaned"])
        output, *passed = descriptors
        nowhere = os.open(os.devnull, os.O_RDONLY)
        for descriptor, standard in ((nowhere, 0), (output, 1), (output, 2)):
            os.dup2(descriptor, standard)
        numbers = dict(zip(request["descriptors"], passed, strict=True))
        os.environ.clear()
        os.environ.update(renumbered(request["environment"], numbers))
        forget_settings()
        sys.argv = ["manage.py", request["role"]]
        code = roles.main(command=request["role"], arguments=[])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def renumbered(environment: dict[str, str], numbers: Mapping[int, int]) -> dict[str, str]:
    return environment | {name: str(numbers[int(environment[name])]) for name in GIVEN if name in environment}


def forget_settings() -> None:
    """And what was made of them: applications are made ready again. No connection was opened in the nursery."""
    from django.apps import apps
    from django.conf import settings
    from django.db import connections
    from django.utils.functional import empty

    sys.modules.pop("portal.settings")
    settings._wrapped = empty
    connections.__dict__.clear()
    type(connections).__init__(connections)
    apps.app_configs.clear()
    apps.apps_ready = apps.models_ready = apps.ready = apps.loading = False


if __name__ == "__main__":
    main(int(sys.argv[1]))
