"""Reading a script: seconds for 500 statements, and what twice the text costs against the text once.

"Plan" is all that happens before rows are computed: the statements run, but nobody reads their tables.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from benchmarks.measure import Row, alternate, in_seconds, main, milliseconds, timed
from pybyzer import Session, Settings
from pybyzer.errors import ParseError
from pybyzer.lang.parser import parse
from pybyzer.templates import Kind, fill

STATEMENTS = 500
LINEAR = 2.5
"""What twice the text may cost: 2, and what a machine's caches add."""
CHARACTERS = 100_000

STEP = """-- step {0}
set day{0} = "2024-01-{1:02d}";
select id, id % 7 as k, concat('n', cast(id as string)) as name, '${{day{0}}}' as day
from {2} where id > {0} and k is not null as t{0};
select k, count(*) as n, sum(id) as total, max(day) as day from t{0}
group by k having n > 0 order by k as g{0};
select t.id, g.n, case when g.n > 1 then 'many' else "one" end as kind
from t{0} t left join g{0} g on t.k = g.k as j{0};
set next{0} = '''${{day{0}}}/${{later}}''';
"""
BRANCH = """!if ''' 1 == {0} ''';
set a = "{0}";
!else;
select {0} as a as t;
!fi;
"""
TEMPLATE = """#set($columns = ["a", "b", "c"])
#foreach($c in $columns)
  sum(case when $c is null then 1 else 0 end) as ${c}_${name}#if($foreach.hasNext),#end ## it's
#end
"""
BROKEN = ("select '", '"', "'''a'' ", "/* ", "`a ", "${a ", "!x ", "( ")


def script(steps: int) -> str:
    """Five statements a step, three of them selects that read one another: what a long notebook says."""
    return "".join(STEP.format(i, i % 28 + 1, "source") for i in range(steps))


def planned() -> Row:
    """Parse and plan 500 statements in a session of their own each time."""
    text = script(STATEMENTS // 5)

    def work() -> float:
        with Session(Settings()) as session:
            session.run_text("select id, 1 as k from range(1000) as source;")
            return timed(lambda: session.run(parse(text)[:-1]))()

    parsed, both = alternate(timed(lambda: parse(text)), work)
    return Row(
        f"parse and plan of {STATEMENTS} statements",
        in_seconds(both),
        "-",
        both,
        "s",
        1,
        note=f"of which parsing: {milliseconds(parsed)}",
    )


def doubled(what: str, work: Callable[[str], object], unit: str) -> Row:
    """Twice the text against once."""
    once = unit * (CHARACTERS // len(unit))
    twice, single = alternate(timed(lambda: work(once + once)), timed(lambda: work(once)))
    return Row(
        f"  twice the text: {what}", milliseconds(twice), milliseconds(single), twice / single, "x", LINEAR
    )


def attempt(text: str) -> None:
    """Parse what may be broken."""
    with contextlib.suppress(ParseError):
        parse(text)


def measure() -> list[Row]:
    values = {"name": "x"}
    broken = [doubled(f"broken, {unit.strip()}", attempt, unit) for unit in BROKEN]
    return [
        planned(),
        doubled("parsing statements", parse, script(10)),
        doubled("parsing branches", parse, "".join(BRANCH.format(i) for i in range(10))),
        doubled("filling in templates", lambda text: fill(text, values.get, Kind.SQL), TEMPLATE),
        max(broken, key=lambda row: row.value),
    ]


if __name__ == "__main__":
    main(measure)
