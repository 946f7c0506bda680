"""Notebooks of all formats, drawn by hypothesis."""

import json

from hypothesis import strategies as st
from nbformat import from_dict

TEXT = st.text(max_size=30) | st.sampled_from(
    [
        "select 1 as a;\nselect 2 as b;",
        "#%python\nprint(1)",
        "# %python\nprint(1)",
        "--%python\n",
        "a\r\nb\r\n",
        "-- %%",
        "--%markdown\n# t",
        "\ud800 alone",
        "\x00\x1b\x7f\u2028",
        "\\u001b \\",
        "#%visualize\n#%input=t\nruntime:",
    ]
)
SCALAR = st.none() | st.booleans() | st.integers() | TEXT
VALUE = st.recursive(SCALAR, lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXT, v, max_size=3))
TABLE = st.builds(
    lambda rows: json.dumps({"schema": {"type": "struct", "fields": []}, "data": rows}, indent="\t"),
    st.lists(st.dictionaries(TEXT, SCALAR, max_size=2), max_size=2),
)
ITEM = st.fixed_dictionaries(
    {
        "mime": st.sampled_from(
            [
                "x-application/mlsql-notebook",
                "text/plain",
                "text/html",
                "image/png",
                "application/json",
                "application/vnd.code.notebook.stdout",
                "application/vnd.code.notebook.stderr",
                "application/vnd.code.notebook.error",
                "x/y",
            ]
        ),
        "value": TABLE | TEXT | st.just('{"name":"N","message":"m","stack":"a\\nb"}'),
    },
    optional={"extra": SCALAR},
)
MLSQLNB_CELL = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([1, 2]),
        "language": st.sampled_from(["mlsql", "python", "yaml", "markdown", "x"]),
        "value": TEXT,
    },
    optional={"outputs": st.lists(ITEM, max_size=3), "editable": st.booleans(), "more": VALUE},
)
BZNB_CELL = st.fixed_dictionaries(
    {"id": st.text("0123456789ab-", max_size=4), "content": TEXT},
    optional={"job_id": st.none() | st.text(max_size=3), "more": VALUE},
)
BZNB = st.fixed_dictionaries(
    {"id": TEXT, "name": TEXT, "user": TEXT, "cell_list": st.lists(BZNB_CELL, max_size=4)},
    optional={"is_demo": st.none() | st.booleans(), "more": VALUE},
)
LAYOUTS = st.builds(
    lambda style, more: {"style": style, **more},
    st.sampled_from(["compact", "jackson", 2, 4, "\t", "spaced"]),
    st.fixed_dictionaries(
        {}, optional={"ascii": st.just(True), "end": st.sampled_from(["\n", "\r\n"]), "bom": st.just(True)}
    ),
)

OUTPUT = st.one_of(
    st.fixed_dictionaries(
        {"output_type": st.just("stream"), "name": st.sampled_from(["stdout", "stderr"]), "text": TEXT}
    ),
    st.fixed_dictionaries(
        {
            "output_type": st.just("error"),
            "ename": TEXT,
            "evalue": TEXT,
            "traceback": st.lists(TEXT, max_size=2),
        }
    ),
    st.fixed_dictionaries(
        {
            "output_type": st.just("display_data"),
            "data": st.dictionaries(
                st.sampled_from(["text/plain", "text/html", "image/png", "x-application/mlsql-notebook"]),
                TEXT,
            ),
            "metadata": st.dictionaries(st.sampled_from(["isolated", "byzer"]), VALUE, max_size=1),
        }
    ),
    st.fixed_dictionaries(
        {
            "output_type": st.just("execute_result"),
            "data": st.fixed_dictionaries({"application/json": VALUE}),
            "metadata": st.just({}),
            "execution_count": st.integers(0, 9),
        }
    ),
)
METADATA = st.dictionaries(st.sampled_from(["byzer", "execution", "x"]), VALUE, max_size=2)
JUPYTER_CELL = st.one_of(
    st.fixed_dictionaries(
        {
            "cell_type": st.just("code"),
            "source": TEXT,
            "metadata": METADATA,
            "outputs": st.lists(OUTPUT, max_size=3),
            "execution_count": st.none() | st.integers(0, 9),
        }
    ),
    st.fixed_dictionaries(
        {"cell_type": st.sampled_from(["markdown", "raw"]), "source": TEXT, "metadata": METADATA},
        optional={"attachments": st.just({"a.png": {"image/png": "eA=="}})},
    ),
)


def jupyter(found, metadata, minor):
    """A notebook of drawn cells; from version 4.5 on cells have ids."""
    cells = [{**cell, "id": f"id-{n}"} if minor == 5 else cell for n, cell in enumerate(found)]
    return from_dict({"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": cells})


JUPYTER = st.builds(
    jupyter,
    st.lists(JUPYTER_CELL, min_size=1, max_size=4),
    st.fixed_dictionaries(
        {},
        optional={
            "kernelspec": st.just({"name": "python3", "display_name": "P", "language": "python"}),
            "authors": VALUE,
        },
    ),
    st.sampled_from([4, 5]),
)
