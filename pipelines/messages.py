"""How a message travels: as JSON or a Teams card to a web address, or as a letter through a mail server."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.request
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

_SECONDS = 10
_CARD = {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4"}
_PORTS = {"smtp": 587, "smtps": 465}


def send(address: str, told: Mapping[str, str], *, form: Literal["json", "teams"] = "json") -> None:
    """Send a message to an address: ``https://...``, or ``smtp://user:password@host:587?from=a@x.nl&to=b@x.nl``.

    ``smtps`` speaks TLS from the first word on; ``smtp`` goes over to it where the server can, and says no password
    where it cannot.

    Raises
    ------
    OSError, smtplib.SMTPException
        When the message was not taken.
    ValueError
        When the address is neither of a web page nor of a mail server, or names no sender or nobody to send to.
    """
    scheme = address.partition("://")[0]
    if scheme in _PORTS:
        _post(urlsplit(address), told)
    elif scheme in ("https", "http"):
        _call(address, told if form == "json" else as_card(told))
    else:
        raise ValueError("no web address and none of a mail server")


def as_card(told: Mapping[str, str]) -> dict[str, object]:
    """A message as Microsoft Teams takes it from a workflow's address: one adaptive card."""
    facts = [{"title": name, "value": told[name]} for name in ("flow", "stage", "run") if told[name]]
    title = {"type": "TextBlock", "weight": "Bolder", "wrap": True, "text": f"{told['study']}: {told['ending']}"}
    body = [title, {"type": "TextBlock", "wrap": True, "text": told["sentence"]}, {"type": "FactSet", "facts": facts}]
    content = _CARD | {"body": body}
    attached = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "attachments": [attached]}


def as_letter(told: Mapping[str, str], *, sender: str, to: str) -> EmailMessage:
    """A message as a letter of plain text, the ending in its subject."""
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = f"{told['study']}: {told['ending']}", sender, to
    lines = (f"{name}: {told[name]}" for name in ("study", "flow", "stage", "run") if told[name])
    letter.set_content("\n".join((told["sentence"], "", *lines, "")))
    return letter


def _call(address: str, content: Mapping[str, object]) -> None:
    asked = urllib.request.Request(address, json.dumps(content).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(asked, timeout=_SECONDS).close()


def _post(place: SplitResult, told: Mapping[str, str]) -> None:
    named = parse_qs(place.query)
    if not place.hostname or not {"from", "to"} <= named.keys():
        raise ValueError("the address of a mail server names its host, and '?from=' and '&to='")
    letter = as_letter(told, sender=named["from"][0], to=", ".join(named["to"]))
    port, safely = place.port or _PORTS[place.scheme], ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(place.hostname, port, timeout=_SECONDS, context=safely)
        if place.scheme == "smtps"
        else smtplib.SMTP(place.hostname, port, timeout=_SECONDS)
    )
    with server:
        server.ehlo()
        if place.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=safely)
            server.ehlo()
        elif place.scheme == "smtp" and place.password:
            raise ValueError("the mail server speaks no TLS, so no password is said to it")
        if place.username and place.password:
            server.login(unquote(place.username), unquote(place.password))
        server.send_message(letter)
