"""How far a query is: asked from another thread, at any time."""

from __future__ import annotations

import threading

from pybyzer import Session


def test_nothing_is_known_when_nothing_runs(session: Session) -> None:
    assert session.progress() is None
    session.run_text("select 1 as a as t;")
    assert session.progress() is None


def test_it_is_a_share_while_a_query_runs(session: Session) -> None:
    numbers = "(select explode(sequence(1, 300000)) as x)"
    text = f"select count(*) as n from {numbers} a join {numbers} b on a.x % 1000 = b.x % 1000 as t;"
    running = threading.Thread(target=session.run_text, args=(text,))
    running.start()
    seen = []
    while running.is_alive():
        seen.append(session.progress())
        running.join(0.01)
    assert all(share is None or 0 <= share <= 1 for share in seen)


def test_a_closed_session_knows_nothing(session: Session) -> None:
    session.run_text("select 1 as a as t;")
    session.close()
    assert session.progress() is None
