"""FeishuMessageExt: sends a text to a group by the webhook of its bot."""

from __future__ import annotations

import json

from pybyzer.context import Context, Parameter
from pybyzer.estimators.base import ESTIMATORS, Estimator, FitRequest
from pybyzer.estimators.inputs import require
from pybyzer.web import OK, Answer, Call, Web, checked


@ESTIMATORS.register("FeishuMessageExt")
class FeishuMessageExt(Estimator):
    """One row, ``value``: ``Succeed``, or ``Failure`` with the code and the message of the server."""

    name = "FeishuMessageExt"
    description = "sends a text to a group by the webhook of its bot"
    example = """
run command as FeishuMessageExt.`` where text="The report is there." and webhook="http://127.0.0.1:9/hook"
    as answer;
"""
    parameters = (
        Parameter("text", "the message", required=True),
        Parameter("webhook", "the bot's URL", required=True),
    )

    def fit(self, ctx: Context, request: FitRequest) -> None:
        import pyarrow as pa

        text = require(request.options, "text", "text is required.")
        webhook = checked(require(request.options, "webhook", "webhook is required."), "webhook")
        body = json.dumps({"msg_type": "text", "content": {"text": text}}, ensure_ascii=False)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        with Web() as web:
            ctx.on_cancel.append(web.stop)
            try:
                answer = web.ask(Call("POST", webhook, headers, content=body))
            finally:
                ctx.on_cancel.remove(web.stop)
        ctx.engine.ingest(request.output, pa.table({"value": [_told(answer)]}))

    predict = fit


def _told(answer: Answer) -> str:
    """The server's own code counts: it says 200 also to what it refuses."""
    text = answer.content.decode("utf-8", "replace")
    try:
        said = json.loads(text)
        code = said.get("code", said.get("StatusCode", 0))
        message = said.get("msg", said.get("StatusMessage", ""))
    except (ValueError, AttributeError):
        code, message = (0, "") if answer.status == OK else (answer.status, text)
    if answer.status == OK and code == 0:
        return "Succeed"
    return f"Failure {code or answer.status} {message}"
