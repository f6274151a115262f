"""Sealing small secrets with keys that are not in the database (AES-256-GCM, NIST SP 800-38D).

A sealed text is `1.<key's id>.<nonce and cipher text>`: the id says which key opens it, so that keys can be rotated.
What a text belongs to is sealed in with it: copied to another row, or beside another address, it does not open.
"""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = "1"
KEY_BYTES, NONCE_BYTES, ID_CHARS = 32, 12, 8
KEYS_VARIABLE, KEYS_FILE = "HEDDLE_FABRIC_KEYS", "fabric-keys"


class CannotOpen(Exception):
    """No key at hand opens it, or it does not belong here. Says nothing of what is inside."""


class BadKeys(Exception):
    """The keys are not what they should be; the message says what to do, and shows none of them."""


@dataclass(frozen=True, slots=True)
class Key:
    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hashlib.sha256(self.secret).hexdigest()[:ID_CHARS]

    @property
    def text(self) -> str:
        return base64.urlsafe_b64encode(self.secret).decode("ascii")


def keys(*, data_dir: Path) -> tuple[Key, ...]:
    """The first seals, all of them open: from the environment, else from a file that is made once and ours alone.

    Raises BadKeys.
    """
    if given := os.environ.get(KEYS_VARIABLE, "").strip():
        return _parsed(given.split(","), where=KEYS_VARIABLE)
    place = data_dir / KEYS_FILE
    if not place.exists():
        _write_once(place, [new_key()])
    if stat.S_IMODE(place.stat().st_mode) & 0o077:
        raise BadKeys(f"{KEYS_FILE} in the data folder can be read by others: chmod 600 it.")
    return _parsed(place.read_text(encoding="ascii").split(), where=KEYS_FILE)


def new_key() -> Key:
    return Key(secrets.token_bytes(KEY_BYTES))


def replace_keys(*, data_dir: Path, wanted: Sequence[Key]) -> None:
    """Write the file anew, whole or not at all. Raises BadKeys where the keys are the environment's."""
    if os.environ.get(KEYS_VARIABLE, "").strip():
        raise BadKeys(f"The keys are those of {KEYS_VARIABLE}: put a new one first there, on every machine.")
    draft = _draft(data_dir / KEYS_FILE, wanted)
    draft.replace(data_dir / KEYS_FILE)


def seal(plain: bytes, *, key: Key, belongs_to: str) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    told = AESGCM(key.secret).encrypt(nonce, plain, belongs_to.encode())
    return f"{FORMAT}.{key.id}.{base64.urlsafe_b64encode(nonce + told).decode('ascii')}"


def opened(sealed: str, *, at_hand: Sequence[Key], belongs_to: str) -> bytes:
    """Raises CannotOpen."""
    version, _, rest = sealed.partition(".")
    identity, _, coded = rest.partition(".")
    key = next((one for one in at_hand if one.id == identity), None)
    if version != FORMAT or key is None:
        raise CannotOpen(f"It was sealed with key {identity or '?'}, which is not among those at hand.")
    try:
        raw = base64.urlsafe_b64decode(coded)
        return AESGCM(key.secret).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], belongs_to.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("It was changed, or sealed for another place.") from error


def _parsed(words: Sequence[str], *, where: str) -> tuple[Key, ...]:
    found = [_key(word.strip(), where) for word in words if word.strip()]
    if not found:
        raise BadKeys(f"{where} has no key.")
    return tuple(found)


def _key(word: str, where: str) -> Key:
    try:
        secret = base64.b64decode(word, altchars=b"-_", validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise BadKeys(f"A key of {where} is not {KEY_BYTES} bytes in base64 (openssl rand -base64 {KEY_BYTES}).")
    return Key(secret)


def _write_once(place: Path, wanted: Sequence[Key]) -> None:
    """Of two processes that start together both use the first one's."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(place, wanted)
    try:
        os.link(draft, place)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(place: Path, wanted: Sequence[Key]) -> Path:
    draft = place.with_name(f"{place.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.writelines(f"{key.text}\n" for key in wanted)
    return draft
