"""HEDDLE_MAIL_URL → what Django's mail connection is opened with. Pure."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

SECONDS_MAX = 10  # that one answer of the mail server may take
PORTS = {"smtp": 25, "smtps": 465}
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_FILE = "django.core.mail.backends.filebased.EmailBackend"


def connection(url: str) -> dict[str, object]:
    """Empty for no mail. Raises ValueError, whose words never show the password."""
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme == "file":
        if not parts.path.startswith("/") or parts.netloc:
            raise ValueError("HEDDLE_MAIL_URL: a folder is given whole, such as file:///var/spool/heddle.")
        return {"backend": _FILE, "file_path": unquote(parts.path)}
    if parts.scheme not in PORTS:
        raise ValueError(f"HEDDLE_MAIL_URL must begin with smtp://, smtps:// or file:///, not {parts.scheme!r}.")
    if not parts.hostname:
        raise ValueError("HEDDLE_MAIL_URL names no mail server, such as smtp://mail.example.org:587?tls=1.")
    return {
        "backend": _SMTP,
        "host": parts.hostname,
        "port": _port(parts.netloc, parts.scheme),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": _starts_tls(dict(parse_qsl(parts.query, keep_blank_values=True)), parts.scheme),
        "timeout": SECONDS_MAX,
    }


def sender(address: str, *, url: str) -> str:
    """Raises ValueError where mail is posted and nobody could answer it."""
    if url and "@" not in address:
        raise ValueError("HEDDLE_MAIL_URL needs HEDDLE_MAIL_FROM, the sender's address, such as heddle@example.org.")
    return address


def _port(netloc: str, scheme: str) -> int:
    try:
        return urlsplit(f"//{netloc}").port or PORTS[scheme]
    except ValueError as error:
        raise ValueError("HEDDLE_MAIL_URL: the port is a number, such as smtp://mail.example.org:587.") from error


def _starts_tls(options: Mapping[str, str], scheme: str) -> bool:
    if unknown := sorted(options.keys() - {"tls"}):
        raise ValueError(f"HEDDLE_MAIL_URL: there is no option {unknown[0]!r}; the only one is tls=1.")
    if options.get("tls", "0") not in {"0", "1"}:
        raise ValueError("HEDDLE_MAIL_URL: tls is 1 or 0.")
    if options.get("tls") == "1" and scheme == "smtps":
        raise ValueError("HEDDLE_MAIL_URL: smtps:// is encrypted from its beginning; leave tls=1 out.")
    return options.get("tls") == "1"
