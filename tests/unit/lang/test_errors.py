"""Syntax errors: what was expected, what was found, where, and what to do."""

from __future__ import annotations

import pytest

from pybyzer.lang.parser import parse
from tests.unit.lang.shapes import failure


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("laod csv.`x` as t", (1, 1), 'expected a statement, found "laod"', 'did you mean "load"?'),
        ("set a=1;\nregistr X.`` as f", (2, 1), 'expected a statement, found "registr"',
         'did you mean "register"?'),
        ("import os", (1, 1), 'expected a statement, found "import"',
         "Python runs in cells that begin with #%python"),
        ("scaler = fit(x)", (1, 1), 'expected a statement, found "scaler"',
         "Python runs in cells that begin with #%python"),
        ("train.head()", (1, 6), 'expected a table name, found "."',
         "paths and names with such characters stand in back quotes"),
        ("# x", (1, 1), 'expected a statement, found "#"', "comments are written -- like this"),
        ("%matplotlib", (1, 1), 'expected a statement, found "%"',
         "magics run in cells that begin with #%ipython"),
        ("load csv.`x`", (1, 13), 'expected "as" and a table name, found the end', None),
        ("load csv.`x` as load", (1, 17), 'expected a table name, found "load"',
         "load is a keyword; as a name it stands in back quotes: `load`"),
        ("load csv.`x` as 't'", (1, 17), "expected a table name, found 't'",
         "names stand in back quotes: `t`"),
        ("load csv.\"x\" as t", (1, 10), 'expected a path in back quotes, found "x"',
         "a path stands in back quotes: csv.`/tmp/x`"),
        ("load csv./x as t", (1, 10), 'expected a path in back quotes, found "/"',
         "a path stands in back quotes: csv.`/tmp/x`"),
        ("load delta.a.b as t", (1, 13), 'expected the end of the path, found "."',
         "a path stands in back quotes: delta.`/tmp/x`"),
        ("load csv `x` as t", (1, 10), 'expected "." and a path after csv, found `x`',
         "a path stands in back quotes: csv.`/tmp/x`"),
        ("load csv.`x` as t\nset a=1;", (2, 1), 'expected ";", found "set"', 'statements end with ";"'),
        ("load csv.`x` as t where a='1'", (1, 19), 'expected ";", found "where"',
         'options stand before the last "as" and before partitionBy'),
        ("select 1 as a as t\nselect 2 as b as u;", (2, 1), 'expected ";", found "select"',
         'statements end with ";"'),
        ("select 1 as `a`\n!show tables;", (2, 1), 'expected ";", found "!show"', 'statements end with ";"'),
        ("show tables", (1, 1), 'expected a statement, found "show"', "commands begin with !: !show"),
        ("save t csv.`x`", (1, 8), 'expected "as", found "csv"', None),
        ("save overwriet t as csv.`x`", (1, 16), 'expected "as", found "t"', 'did you mean "overwrite"?'),
        ("save t as csv.`x` partitionBy a,", (1, 33), "expected a column name, found the end", None),
        ("train t X.`x`", (1, 9), 'expected "as" and an algorithm, found "X"', None),
        ("register X.`x`", (1, 15), 'expected "as" and a function name, found the end', None),
        ("register X.`x` as where lang='s'", (1, 19), 'expected a function name, found "where"', None),
        ("register X.`x` as where `lang`='s'", (1, 19), 'expected a function name, found "where"', None),
        ("set a = -1", (1, 9), 'expected a value, found "-"', 'values stand in quotes: "-1"'),
        ("set a=/tmp/x;", (1, 7), 'expected a value, found "/"', 'values stand in quotes: "/tmp/x"'),
        ("set a=b-c", (1, 8), 'expected ";" or options, found "-"', 'values stand in quotes: "b-c"'),
        ("set a 1", (1, 7), 'expected "=", found "1"', None),
        ("set a=1；", (1, 8), 'expected ";" or options, found "；"', 'values stand in quotes: "1；"'),
        ("select 1 as t；", (1, 14), 'expected ";", found "；"', "； is not ;"),
        ("select 'a as t;\n", (1, 8), "this ' is never closed", "end the text with '"),
        ("set a='''x'';", (1, 7), "this ''' is never closed", "end the text with '''"),
        ("set a='''x' ;", (1, 7), "this ''' is never closed", "end the text with '''"),
        ("select `a", (1, 8), "this ` is never closed", "end the text with `"),
        ("set a=1; /* x", (1, 10), "this comment is never closed",
         'end it with */; a path with * stands in quotes: "/tmp/*"'),
    ],
)  # fmt: skip
def test_errors(text: str, place: tuple[int, int], message: str, hint: str | None) -> None:
    error = failure(text)
    assert error.span is not None
    assert ((error.span.line, error.span.column), error.message, error.hint) == (place, message, hint)


def test_the_caret_stands_below_the_word() -> None:
    assert failure("set a=1;\n  laod csv.`x` as t;").render() == (
        'ParseError: expected a statement, found "laod"\n'
        " --> cell 2:3\n"
        "2 |   laod csv.`x` as t;\n"
        "  |   ^^^^\n"
        'hint: did you mean "load"?'
    )


def test_the_text_has_a_name() -> None:
    try:
        parse("oops", "a.mlsql")
    except Exception as error:
        assert "--> a.mlsql 1:1" in str(error)
    else:
        raise AssertionError


def test_a_long_token_is_shortened() -> None:
    assert failure("a" * 100).message == f'expected a statement, found "{"a" * 27}..."'
