"""Mail that cannot be lost: written with the data, sent after the commit, tried again by ``manage.py send_outbox``."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from accounts.access import holding_today
from accounts.models import Membership, OutboxAttempt, OutboxClaim, OutboxMail, Site
from accounts.roles import Role
from audit import clock

logger = logging.getLogger(__name__)


def post(*, key: str, to_role: Role, subject: str, body: str, site: Site | None = None) -> OutboxMail | None:
    """Put a mail in the outbox, once per ``key``, to a role (of one site); it is tried when the transaction has committed."""
    if OutboxMail.objects.filter(key=key).exists():
        return None
    mail = OutboxMail.objects.create(
        created_at=clock.now(), key=key, to_role=to_role, to_site=site, subject=subject, body=body
    )
    # Only this one: whoever saves a form does not wait for all that a dead mail server has left behind. No partial: Django
    # reports what fails in a robust hook by its __qualname__, which a partial has not.
    transaction.on_commit(lambda: attempt(mail), robust=True)
    return mail


def pending():
    """Mails that have not gone out."""
    sent = OutboxAttempt.objects.filter(mail=OuterRef("pk"), error="")
    return OutboxMail.objects.filter(~Exists(sent)).order_by("id")


# Longer than a mail server may take (EMAIL_TIMEOUT is 10 s a step). Who claimed a mail so long ago and noted nothing has died.
CLAIM = timedelta(minutes=2)


def send_pending() -> tuple[int, int]:
    """Try every pending mail; returns how many went out, and how many still wait (those that another one is sending included)."""
    sent = waiting = 0
    for mail in pending():
        out = attempt(mail)
        sent, waiting = sent + bool(out), waiting + (not out)
    return sent, waiting


def attempt(mail: OutboxMail) -> bool | None:
    """Try to send one mail, and note how it went; None when it has gone out, or somebody else is sending it just now.

    A mail is never lost. It goes out twice only when whoever sent it dies before that can be noted.
    """
    if not _claim(mail):
        return None
    error = _send(mail)
    OutboxAttempt.objects.create(mail=mail, at=clock.now(), error=error)
    return not error


def _claim(mail: OutboxMail) -> bool:
    """Is the mail this process's to send? No lock is held while the mail server answers: on SQLite it would hold up every save."""
    tried = list(OutboxAttempt.objects.filter(mail=mail).values_list("error", flat=True))
    claims = list(OutboxClaim.objects.filter(mail=mail).order_by("number"))
    if "" in tried or (len(claims) > len(tried) and clock.now() - claims[-1].at < CLAIM):
        return False
    try:
        with transaction.atomic():
            OutboxClaim.objects.create(mail=mail, number=claims[-1].number + 1 if claims else 1, at=clock.now())
    except IntegrityError:
        return False
    return True


def _send(mail: OutboxMail) -> str:
    people = holding_today(Membership.objects.filter(role=mail.to_role, user__is_active=True).exclude(user__email=""))
    if mail.to_site is not None:
        people = people.filter(site=mail.to_site)
    addresses = sorted(set(people.values_list("user__email", flat=True)))
    if not addresses:
        where = f" at {mail.to_site.code}" if mail.to_site else ""
        return f"Nobody with the role {mail.get_to_role_display()}{where} has an e-mail address."
    try:
        EmailMessage(mail.subject, mail.body, bcc=addresses).send()
    except Exception as error:  # whatever the mail server does, the mail must stay in the outbox
        logger.warning("outbox mail %s not sent: %s", mail.pk, type(error).__name__)
        return f"{type(error).__name__}: {error}"
    return ""
