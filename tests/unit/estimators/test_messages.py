"""SendMessage and FeishuMessageExt against real servers on this machine."""

from __future__ import annotations

import email
import json
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pybyzer import Session
from pybyzer.errors import BadOption, CommandError

controller = pytest.importorskip("aiosmtpd.controller", reason="pip install aiosmtpd")


class Postbox:
    """Takes mails for everybody but ``nobody@``."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append((envelope.rcpt_tos, message))
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = controller.Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield box, port
    finally:
        server.stop()


def send(session: Session, port: int, more: str, table: str = "command") -> None:
    session.run_text(
        f'run {table} as SendMessage.`` where method="mail" and smtpHost="127.0.0.1" and smtpPort="{port}"'
        f" and {more};"
    )


def test_a_text_with_a_file(session: Session, tmp_path: Path, postbox: tuple[Postbox, int]) -> None:
    box, port = postbox
    (tmp_path / "报告.csv").write_text("a,b\n", encoding="utf-8")
    more = (
        'from="me@example.org" and to="ann@example.org, bob@example.org" and cc="cy@example.org"'
        ' and subject="完成" and content="<b>好</b>" and contentType="text/html"'
        f' and attachmentPaths="{tmp_path}/报告.csv"'
    )
    send(session, port, more)
    [(recipients, mail)] = box.mails
    assert recipients == ["ann@example.org", "bob@example.org", "cy@example.org"]
    assert (mail["Subject"], mail["From"]) == ("完成", "me@example.org")
    body = mail.get_body()
    assert body is not None
    assert body.get_content_type() == "text/html"
    assert body.get_content().strip() == "<b>好</b>"
    [attachment] = mail.iter_attachments()
    assert attachment.get_filename() == "报告.csv"
    assert attachment.get_content_type() == "text/csv"


def test_each_row_is_a_mail(session: Session, postbox: tuple[Postbox, int]) -> None:
    box, port = postbox
    session.run_text('select explode(array("x", "y")) as name as t;')
    send(session, port, 'to="ann@example.org"', "t")
    assert [json.loads(mail.get_content()) for _, mail in box.mails] == [{"name": "x"}, {"name": "y"}]


def test_many_rows_are_not_sent(session: Session, postbox: tuple[Postbox, int]) -> None:
    box, port = postbox
    session.run_text("select id from range(11) as t;")
    with pytest.raises(BadOption, match="message count should <= 10!"):
        send(session, port, 'to="ann@example.org"', "t")
    assert box.mails == []


def test_an_unknown_recipient(session: Session, postbox: tuple[Postbox, int]) -> None:
    with pytest.raises(CommandError, match=r"refused: nobody@example\.org"):
        send(session, postbox[1], 'to="nobody@example.org" and content="hello"')


def test_a_line_break_in_the_title(session: Session, postbox: tuple[Postbox, int]) -> None:
    with pytest.raises(BadOption, match="this is no mail"):
        send(
            session,
            postbox[1],
            "to=\"ann@example.org\" and content=\"x\" and subject='''a\nBcc: eve@example.org'''",
        )
    assert postbox[0].mails == []


def test_the_password_is_not_shown(
    session: Session, postbox: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "sesame")
    with pytest.raises(CommandError) as caught:
        send(
            session,
            postbox[1],
            'to="ann@example.org" and content="x" and userName="me" and password="env:MAIL_PASSWORD"',
        )
    assert "sesame" not in caught.value.render()


class Bot(BaseHTTPRequestHandler):
    """Answers what ``answer`` is set to, and remembers what was asked."""

    asked: ClassVar[list[dict[str, Any]]]
    answer: ClassVar[tuple[int, bytes]] = (200, b"")

    def do_POST(self) -> None:
        self.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def bot() -> Iterator[tuple[type[Bot], str]]:
    class Own(Bot):
        asked: ClassVar[list[dict[str, Any]]] = []

    server = HTTPServer(("127.0.0.1", 0), Own)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Own, f"http://127.0.0.1:{server.server_port}/hook?token=secret"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ((200, b'{"code": 0, "msg": "success"}'), "Succeed"),
        ((200, b'{"StatusCode": 0, "StatusMessage": "success"}'), "Succeed"),
        ((200, b'{"code": 19001, "msg": "param invalid"}'), "Failure 19001 param invalid"),
        ((500, b"sorry"), "Failure 500 sorry"),
    ],
)
def test_a_text_for_the_bot(
    session: Session, bot: tuple[type[Bot], str], answer: tuple[int, bytes], value: str
) -> None:
    own, url = bot
    own.answer = answer
    session.run_text(f'run command as FeishuMessageExt.`` where text="你好" and webhook="{url}" as t;')
    assert session.table("t").reader.read_all().to_pylist() == [{"value": value}]
    assert own.asked == [{"msg_type": "text", "content": {"text": "你好"}}]
