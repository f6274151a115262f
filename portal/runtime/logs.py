"""Logs of every library and of ours through structlog: JSON lines for machines, one readable line for people.

Whatever is bound to the context (request id, actor, reservation) is on every line of that request or task.
"""

import logging
import sys

import structlog

QUIET = {
    "django.server": "WARNING",
    "django.template": "INFO",  # below that it prints whole contexts, and with them secrets that are shown once
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "asyncio": "WARNING",
    "uvicorn.access": "WARNING",
}


def configure(*, style: str, level: str) -> None:
    """Install the handler; calling it again replaces it."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=_last(style)))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name, quieter in QUIET.items():
        logging.getLogger(name).setLevel(quieter)


_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def _last(style: str) -> list[structlog.types.Processor]:
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if style == "console":
        plain = structlog.dev.plain_traceback  # the fancy one prints local variables, and with them passwords
        return [strip, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    return [strip, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
