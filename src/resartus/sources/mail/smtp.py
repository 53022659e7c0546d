"""Send one letter through an SMTP server, and say clearly when that failed."""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from resartus.domain.watch import Letter, MailPlan
from resartus.errors import SourceRefused, SourceUnavailable

__all__ = ["PASSWORD", "send_letter"]

PASSWORD = "RESARTUS_SMTP_PASSWORD"
"""The environment variable that holds the password; it is never written anywhere."""
_TIMEOUT_S = 30.0


def _message(letter: Letter, plan: MailPlan) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = " ".join(letter.subject.split())
    message["From"] = plan.sender
    message["To"] = ", ".join(plan.recipients)
    message["Date"] = format_datetime(letter.at)
    # The same letter has the same id: a mail program shows it once even if it comes twice.
    message["Message-ID"] = f"<{letter.letter_id}@resartus.invalid>"
    message.set_content(letter.body)
    return message


def send_letter(letter: Letter, plan: MailPlan) -> None:
    """Send a letter to all recipients of a plan.

    Raises
    ------
    SourceUnavailable
        If the server cannot be reached or went away; trying again may help.
    SourceRefused
        If it refused the sign-in, the sender or every recipient.
    """
    where = f"{plan.host}:{plan.port}"
    try:
        context = ssl.create_default_context()
        if plan.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                plan.host, plan.port, timeout=_TIMEOUT_S, context=context
            )
        else:
            server = smtplib.SMTP(plan.host, plan.port, timeout=_TIMEOUT_S)
        with server:
            if plan.security == "starttls":
                server.starttls(context=context)
            if plan.user:
                server.login(plan.user, os.environ.get(PASSWORD, ""))
            server.send_message(_message(letter, plan))
    except (
        smtplib.SMTPAuthenticationError,
        smtplib.SMTPRecipientsRefused,
        smtplib.SMTPSenderRefused,
        smtplib.SMTPNotSupportedError,
    ) as error:
        raise SourceRefused(
            f"the mail server {where} refused the letter ({error}); "
            f"check [mail] in watch.toml and {PASSWORD}",
            where=where,
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise SourceUnavailable(
            f"the mail server {where} cannot be reached ({error}); it is tried again later",
            where=where,
        ) from error
