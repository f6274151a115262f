"""Environment variables → settings. Pure, but for the secret key that is kept in the data folder."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

SECRET_KEY_BYTES = 48


def flag(name: str, *, default: bool = False) -> bool:
    """An on/off variable: 1, true, yes and on mean on."""
    raw = os.environ.get(name)
    return default if raw is None or not raw.strip() else raw.strip().lower() in {"1", "true", "yes", "on"}


def words(name: str) -> list[str]:
    """A comma-separated variable as a list without blanks."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def database(url: str) -> dict[str, object]:
    """Django's description of a `postgresql://user:password@host:port/name?option=value`.

    `?host=/folder` names the folder of a Unix socket, as libpq has it. Other options go to libpq as they are.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"DATABASE_URL must begin with postgresql://, not with {parts.scheme or 'nothing'}://")
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    port = options.pop("port", None) or parts.port or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "heddle",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def broker_url(redis_url: str) -> str:
    """The same server in Celery's words: it calls a Unix socket `redis+socket` and its database `virtual_host`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"


def secret_key(*, data_dir: Path) -> str:
    """HEDDLE_SECRET_KEY, or one made once and kept, readable by us alone, in the data folder."""
    if given := os.environ.get("HEDDLE_SECRET_KEY"):
        return given
    kept = data_dir / "secret-key"
    try:
        return kept.read_text(encoding="ascii")
    except FileNotFoundError:
        return _keep_new_key(kept)


def _keep_new_key(kept: Path) -> str:
    """Write a key whole or not at all; of two processes that start together both use the first one's."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_name(f"{kept.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(SECRET_KEY_BYTES))
    try:
        os.link(draft, kept)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return kept.read_text(encoding="ascii")
