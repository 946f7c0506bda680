"""A function served by workers belongs to the session: where it speaks, and what outlives its Ray."""

from __future__ import annotations

import os
import signal
import time

from pybyzer.events import Event, Printed
from pybyzer.session import Session
from pybyzer.settings import Settings
from pybyzer.workers.ray import RayWorkers

REGISTER = """
register Ray.`` as doubled where registerCode='''
from pyjava.api.mlsql import RayContext
from pyjava.udf import UDFBuilder
ray_context = RayContext.connect(globals(), context.conf["rayAddress"])

def predict(model, v):
    print("asked for", v[0][0], flush=True)
    return {"value": [[2 * float(v[0][0])]]}

UDFBuilder.build(ray_context, lambda refs, conf: None, predict)
''';
"""
ASK = "select doubled(array(array(cast(id as double))))[0][0] as d from range(3) as answers;"


def _printed(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Printed))


def _answers(session: Session) -> list[float]:
    return [row["d"] for row in session.table("answers").reader.read_all().to_pylist()]


def test_prints_go_to_the_calling_statement_and_a_new_ray_gets_the_pool_again() -> None:
    registered: list[Event] = []
    asked: list[Event] = []
    with Session(Settings(lake="unused")) as session:
        session.run_text(REGISTER, registered.append)
        for _ in range(50):  # Ray brings a worker's lines a little later, with a later call
            session.run_text(ASK, asked.append)
            if "asked for" in _printed(asked):
                break
            time.sleep(0.1)
        assert "asked for" in _printed(asked)
        assert "asked for" not in _printed(registered)
        workers = session.workers
        assert isinstance(workers, RayWorkers)
        keeper = workers.cluster._process
        assert keeper is not None
        os.kill(keeper.pid, signal.SIGKILL)
        keeper.wait(10)
        try:
            session.run_text(ASK)
        except Exception as error:  # the call that finds out
            assert "Ray has died" in str(error)
        session.run_text(ASK)
        assert _answers(session) == [0.0, 2.0, 4.0]
