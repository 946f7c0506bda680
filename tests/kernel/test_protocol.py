"""Jupyter's own test of a kernel, with every sample filled in."""

from __future__ import annotations

import jupyter_kernel_test


class TestProtocol(jupyter_kernel_test.KernelTests):  # type: ignore[misc]  # has no types
    """Runs once for each message of the protocol."""

    kernel_name = "pybyzer"
    language_name = "byzer"
    file_extension = ".mlsql"
    code_hello_world = '!sh echo "hello, world";'
    code_stderr = '!sh sh "-c" "echo problem >&2";'
    completion_samples = (
        {"text": "sel", "matches": {"select"}},
        {"text": "load parq", "matches": {"parquet"}},
        {"text": "#%inp", "matches": {"input="}},
        {"text": "#%ipython\nzi", "matches": {"zip"}},
    )
    complete_code_samples = (
        "select 1 as a as t;",
        "!show tables;",
        "load csv.`/tmp/x` where header='true' as t;  -- done",
        "#%ipython\n1 + 1",
        "",
    )
    incomplete_code_samples = (
        "select 1 as a as t",
        "load csv.`/tmp/x",
        "set a = '''",
        "/* a comment",
        "#%ipython\nfor i in range(3):",
    )
    invalid_code_samples = ("selec 1 as t;", "load csv as t;", "#%ipython\nimport = 7")
    code_page_something = "#%ipython\nzip?"
    code_generate_error = "select a from no_such_table as t;"
    code_execute_result = (
        {"code": "#%ipython\n1 + 1", "result": "2"},
        {"code": "#%ipython\n'a' * 3", "result": "'aaa'"},
        {"code": "#%ipython\n[1, 2][1]", "result": "2"},
    )
    code_display_data = (
        {"code": "select 1 as a as t;", "mime": "text/html"},
        {"code": "select 1 as a as t;", "mime": "x-application/mlsql-notebook"},
        {"code": "#%markdown\n# Title", "mime": "text/markdown"},
    )
    code_history_pattern = "#%ipython?1 + 1"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "!sh"
    code_clear_output = "#%ipython\nfrom IPython.display import clear_output\nclear_output()"


class TestWelcome(jupyter_kernel_test.IopubWelcomeTests):  # type: ignore[misc]  # has no types
    """The first message of the output channel."""

    kernel_name = "pybyzer"
    support_iopub_welcome = True
