"""Hand one letter to the mail server, and say what became of it. No row is read or written here."""

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection

from scheduler.post.words import Sheet

ERROR_CHARS_MAX = 300
_FOR_GOOD = 500  # SMTP: from here on the server means never, below it means not now


class Fate(StrEnum):
    TAKEN = "taken"  # by the server; whether anybody reads it is not ours to know
    LATER = "later"  # this letter not now
    NEVER = "never"  # the server refuses this letter or its reader for good
    SILENT = "silent"  # no server, or one that lets nobody in: no other letter would fare better now


@dataclass(frozen=True, slots=True)
class Sent:
    fate: Fate
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`stop_url` is asked by mail programs, too, without anybody being signed in (RFC 8058)."""

    to: str
    sender: str
    message_id: str
    stop_url: str
    sheet: Sheet


def send(envelope: Envelope, *, server: Mapping[str, Any]) -> Sent:
    """One connection, one mail. Never raises what a mail server can do to us."""
    try:
        _mail(envelope, server).send()
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError) as error:
        return Sent(Fate.SILENT, _words(error))
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return Sent(Fate.NEVER if min(codes, default=0) >= _FOR_GOOD else Fate.LATER, _words(error))
    except smtplib.SMTPDataError as error:
        return Sent(Fate.NEVER if error.smtp_code >= _FOR_GOOD else Fate.LATER, _words(error))
    except smtplib.SMTPResponseException as error:  # the sender is refused, too: our settings, not this letter
        return Sent(Fate.LATER, _words(error))
    except (OSError, smtplib.SMTPException) as error:
        return Sent(Fate.SILENT, _words(error))
    except ValueError as error:  # an address that no header can hold
        return Sent(Fate.NEVER, _words(error))
    return Sent(Fate.TAKEN)


def _mail(envelope: Envelope, server: Mapping[str, Any]) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": envelope.message_id,
        "List-Unsubscribe": f"<{envelope.stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    sheet = envelope.sheet
    mail = EmailMultiAlternatives(
        sheet.subject,
        sheet.text,
        envelope.sender,
        [envelope.to],
        headers=headers,
        connection=get_connection(**dict(server)),
    )
    mail.attach_alternative(sheet.html, "text/html")
    return mail


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:ERROR_CHARS_MAX]
