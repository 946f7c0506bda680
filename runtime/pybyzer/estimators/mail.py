"""SendMessage: sends mails, one text or one for each row of a small table."""

from __future__ import annotations

import json
import mimetypes
import os
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

from pybyzer.connections import revealed
from pybyzer.context import Context, Parameter
from pybyzer.errors import BadOption, CommandError
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest
from pybyzer.estimators.inputs import nothing, require, whole, words

if TYPE_CHECKING:
    import smtplib

MOST_MESSAGES = 10
"""Rows of the input that become mails, as in the original."""
_SSL_PORT = 465
_SECONDS = 30.0


@ESTIMATORS.register("SendMessage")
class SendMessage(Estimator):
    """``content`` is sent; without it each row of the input, as JSON. The password may be ``env:NAME``."""

    name = "SendMessage"
    description = "sends mails through an SMTP server"
    example = """
-- A mail server is needed, so nothing is sent here:
-- run command as SendMessage.`` where method="mail" and to="ann@example.org" and subject="Done"
--     and content="The report is there." and smtpHost="mail.example.org" and smtpPort="465"
--     and userName="bob@example.org" and password="env:MAIL_PASSWORD";
"""
    parameters = (
        Parameter("method", "mail", required=True, choices=("mail",)),
        Parameter("to", "recipients, separated by commas", required=True),
        Parameter("from", "the sender; else userName"),
        Parameter("cc", "recipients of copies"),
        Parameter("subject", "the title", "no subject!"),
        Parameter("content", "the text; else the rows of the input"),
        Parameter("contentType", "text/plain or text/html", "text/plain"),
        Parameter("attachmentPaths", "files, separated by commas"),
        Parameter("attachmentContentType", "their types, separated by commas; else by their names"),
        Parameter("charset", "the text's encoding", "UTF-8"),
        Parameter(
            "mailType",
            "config: the server below; local: this machine's",
            "config",
            choices=("config", "local"),
        ),
        Parameter("smtpHost", "the mail server"),
        Parameter("smtpPort", "its port; 465 means TLS", "465"),
        Parameter("userName", "for a server that asks"),
        Parameter("password", "for a server that asks"),
        Parameter("properties.*", "mail.smtp.ssl.enable, mail.smtp.starttls.enable: true"),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        for key in ("method", "to"):
            require(request.options, key, f"{key} is null!" if key == "to" else "")
        options = revealed(ctx.check(self.name, self.parameters, request.options, strict=False))
        if options["mailType"].lower() == "config":
            require(options, "smtpHost", hint="the name of the mail server")
        messages = [_message(ctx, options, text) for text in _texts(ctx, request.table, options)]
        with _server(options) as server:
            try:
                for message in messages:
                    server.send_message(message)
            except OSError as error:
                raise CommandError(f"the mail was not sent: {_reason(error)}") from None
        nothing(ctx, request.output)

    predict = fit


def _texts(ctx: Context, table: str, options: Mapping[str, str]) -> list[str]:
    if options.get("content"):
        return [options["content"]]
    rows = ctx.engine.stream(table, limit=MOST_MESSAGES + 1).reader.read_all().to_pylist()
    if len(rows) > MOST_MESSAGES:
        raise BadOption(f"message count should <= {MOST_MESSAGES}!", hint="fewer rows, or content")
    return [json.dumps(row, ensure_ascii=False, default=str) for row in rows]


def _message(ctx: Context, options: Mapping[str, str], text: str) -> EmailMessage:
    message = EmailMessage()
    try:
        message["Subject"] = options["subject"]
        message["From"] = options.get("from") or options.get("userName") or "byzer@localhost"
        message["To"] = ", ".join(words(options["to"]))
        if options.get("cc"):
            message["Cc"] = ", ".join(words(options["cc"]))
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = make_msgid()
        kind, _, subtype = options["contentType"].partition(";")[0].strip().partition("/")
        if kind != "text" or not subtype:
            raise BadOption("contentType must be a kind of text", option="contentType", hint="text/html")
        message.set_content(text, subtype=subtype, charset=options["charset"])
    except (ValueError, LookupError) as error:
        raise BadOption(f"this is no mail: {error}", option="to") from None
    kinds = words(options.get("attachmentContentType", ""))
    for place, path in enumerate(words(options.get("attachmentPaths", ""))):
        guessed = kinds[min(place, len(kinds) - 1)] if kinds else mimetypes.guess_type(path)[0]
        main, _, sub = (guessed or "application/octet-stream").partition("/")
        try:
            with open(ctx.resolve(path), "rb") as file:
                content = file.read()
        except OSError as error:
            raise BadOption(f"cannot read {path}: {error.strerror}", option="attachmentPaths") from None
        message.add_attachment(content, maintype=main, subtype=sub, filename=os.path.basename(path))
    return message


def _server(options: Mapping[str, str]) -> smtplib.SMTP:
    """A connection that is logged in, if a user is named."""
    import smtplib
    import ssl

    local = options["mailType"].lower() == "local"
    host = options.get("smtpHost") or "localhost"
    port = 25 if local and "smtpPort" not in options else whole(options, "smtpPort", 1)

    def on(name: str) -> bool:
        return options.get(f"properties.mail.smtp.{name}.enable", "").lower() == "true"

    server: smtplib.SMTP | None = None
    try:
        if on("ssl") or port == _SSL_PORT:
            server = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(host, port, timeout=_SECONDS)
            if on("starttls"):
                server.starttls(context=ssl.create_default_context())
        if options.get("userName"):
            server.login(options["userName"], options.get("password", ""))
    except OSError as error:
        if server is not None:
            server.close()
        raise CommandError(
            f"the mail server {host}:{port} cannot be used: {_reason(error)}",
            hint="smtpHost, smtpPort, userName and password say which server, and who sends",
        ) from None
    return server


def _reason(error: OSError) -> str:
    """What went wrong, without what was sent."""
    import smtplib

    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"refused: {', '.join(error.recipients)}"
    return error.strerror or type(error).__name__
