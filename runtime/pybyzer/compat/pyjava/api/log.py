"""``context.log_client``: lines for the person who runs the cell."""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import Any, Dict

MARK = "__MMMMMM__"


class LogClient:
    """Writes lines to a log server when the conf names one, else to the cell's own output."""

    def __init__(self, conf: Dict[str, str]) -> None:
        self.conf = conf
        self.url = conf.get("spark.mlsql.log.driver.url")

    def log_to_driver(self, msg: Any) -> None:
        """One line of log."""
        if not self.url:
            print("{}".format(msg), flush=True)
            return
        owner, group = self.conf.get("PY_EXECUTE_USER", ""), self.conf.get("groupId", "")
        line = "[owner] [{}] [groupId] [{}] {} {}".format(owner, group, MARK, msg)
        token = self.conf.get("spark.mlsql.log.driver.token", "")
        body = json.dumps({"sendLog": {"token": token, "logLine": line}}).encode("utf-8")
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except OSError as error:
            print("log server {}: {}".format(self.url, error), file=sys.stderr)
            print("{}".format(msg), flush=True)

    def close(self) -> None:
        """Nothing is held open."""
