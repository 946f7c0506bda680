"""CSV text cut into values, with the rules of Spark's reader.

A quote counts only at the start of a value. Inside quotes the escape makes a quote part of the value;
any other quote that is not followed by a separator makes the whole value plain text up to the next
separator, quotes included.
"""

from __future__ import annotations

from collections.abc import Iterator

from pybyzer.sources.csv_dialect import Dialect

Values = list[str | None]


class Records:
    """Cuts texts of one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._plain = not (dialect.trim_left or dialect.trim_right)
        self._wanted = dialect.null != "" or dialect.empty != ""

    def skips(self, line: str) -> bool:
        """Whether a line is blank or a comment."""
        comment = self._dialect.comment
        return not line.strip(" \t\r\n\f\v\0") or bool(comment and line.startswith(comment))

    def line(self, line: str) -> Values:
        """The values of one line; None is an empty one."""
        dialect = self._dialect
        if self._plain and (not dialect.quote or dialect.quote not in line):
            values: Values = [value or None for value in line.split(dialect.separator)]
        else:
            values, _ = self._record(line, 0, "")
        return self._nulls(values) if self._wanted else values

    def document(self, text: str) -> Iterator[Values]:
        """The records of a text in which quoted values may span lines."""
        newline = _newline(text)
        comment = self._dialect.comment
        at = 0
        while at < len(text):
            end = text.find(newline, at)
            line = text[at : end if end >= 0 else len(text)]
            blank = not line.strip() if self._dialect.trim_left else not line
            if blank or (comment and line.startswith(comment)):
                at += len(line) + len(newline)
                continue
            values, at = self._record(text, at, newline)
            yield self._nulls(values) if self._wanted else values

    def _nulls(self, values: Values) -> Values:
        null = self._dialect.null
        return [None if value == null else value for value in values]

    def _record(self, text: str, at: int, newline: str) -> tuple[Values, int]:
        """The values of the record that starts at ``at``, and where the next one starts."""
        dialect, separator = self._dialect, self._dialect.separator
        values: Values = []
        while True:
            if dialect.trim_left:
                at = self._skip_blanks(text, at, newline)
            if dialect.quote and text.startswith(dialect.quote, at):
                value, at = self._quoted(text, at + 1, newline)
                values.append(value if value else dialect.empty or (None if dialect.null == "" else ""))
            else:
                end = self._end(text, at, newline)
                plain = text[at:end]
                values.append((plain.rstrip(" \t\0") if dialect.trim_right else plain) or None)
                at = end
            if text.startswith(separator, at):
                at += len(separator)
                continue
            return values, at + len(newline)

    def _end(self, text: str, at: int, newline: str) -> int:
        """Where the next separator or line end is."""
        stop = text.find(newline, at) if newline else -1
        if stop < 0:
            stop = len(text)
        found = text.find(self._dialect.separator, at, stop)
        return found if found >= 0 else stop

    def _closes(self, text: str, at: int, newline: str) -> bool:
        """Whether a value can end at ``at``: a separator, a line's end, the end of the text."""
        return (
            at >= len(text)
            or text.startswith(self._dialect.separator, at)
            or bool(newline and text.startswith(newline, at))
        )

    def _skip_blanks(self, text: str, at: int, newline: str) -> int:
        while not self._closes(text, at, newline) and text[at] <= " ":
            at += 1
        return at

    def _quoted(self, text: str, at: int, newline: str) -> tuple[str, int]:
        """The value after an opening quote, and where it ends."""
        quote, escape = self._dialect.quote, self._dialect.escape
        if at >= len(text):
            return quote, at
        out: list[str] = []
        before = ""
        while at < len(text):
            character = text[at]
            if before == quote and (self._closes(text, at, newline) or character <= " "):
                after = self._skip_blanks(text, at, newline)
                if self._closes(text, after, newline):
                    return "".join(out), after
                return self._stray(out, text, at, newline)
            if character not in (quote, escape):
                if before == quote:
                    return self._stray(out, text, at, newline)
                if escape and before == escape:
                    out.append(escape)
                out.append(character)
                before = character
            else:
                before = self._escaped(character, before, out)
            at += 1
        return "".join(out), at

    def _escaped(self, character: str, before: str, out: list[str]) -> str:
        """A quote or escape inside quotes; gives what the next character sees as the one before it."""
        quote, escape = self._dialect.quote, self._dialect.escape
        escape_escape = self._dialect.escape_escape
        if character == escape and escape_escape and before == escape_escape:
            out.append(escape)
            return ""
        if before and before == escape:
            if character == quote:
                out.append(quote)
                return ""
            out.append(before)
        elif before == quote:
            out.append(quote)
        return character

    def _stray(self, out: list[str], text: str, at: int, newline: str) -> tuple[str, int]:
        """A quote before ``at`` closed nothing: the value is what was read, in quotes, and what follows."""
        quote = self._dialect.quote
        end = self._end(text, at, newline)
        whole = quote + "".join(out) + quote + text[at:end]
        return whole.rstrip(" \t\0") if self._dialect.trim_right else whole, end


def _newline(text: str) -> str:
    """What ends the first line."""
    for index, character in enumerate(text):
        if character == "\n":
            return "\n"
        if character == "\r":
            return "\r\n" if text.startswith("\n", index + 1) else "\r"
    return "\n"
