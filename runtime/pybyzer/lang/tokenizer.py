"""Text to tokens in one pass. Comments and blanks are left out; strings are checked for their end.

``##`` begins a comment too, that of templates: what stands in it (``it's``) is no string.
"""

from __future__ import annotations

import re

from pybyzer.errors import ParseError, SourceText, Span
from pybyzer.lang.ast import Quote
from pybyzer.lang.tokens import Kind, Token

# Possessive repeats (`*+`) never look back: each text is read once, however long and however broken.
_PATTERN = re.compile(
    r"""
    (?P<blank>   [\s\u200b\ufeff]++ )
  | (?P<comment> (?:--|\#\#)[^\r\n]*+ | /\*(?!\+)(?:[^*]++|\*(?!/))*+\*/ )
  | (?P<word>    \w++ )
  | (?P<block>   '{6} | '{3}(?!\+)'?(?:[^']++|'(?!''))*+'{3} )
  | (?P<string>  '(?:[^'\\]++|\\.)*+' | "(?:[^"\\]++|\\.)*+" )
  | (?P<back>    `(?:[^`]++|``)*+` )
  | (?P<command> !\w++ )
  | (?P<open>    ['"`] | /\*(?!\+) )
  | (?P<sign>    . )
    """,
    re.VERBOSE | re.DOTALL,
)

_KINDS = {
    "word": Kind.WORD,
    "block": Kind.STRING,
    "string": Kind.STRING,
    "back": Kind.BACK,
    "command": Kind.COMMAND,
    "sign": Kind.SIGN,
}


def tokenize(source: SourceText) -> list[Token]:
    """The tokens of a text, the last one an END. ``ParseError`` for a string or comment without an end."""
    tokens: list[Token] = []
    for found in _PATTERN.finditer(source.text):
        group = found.lastgroup or "sign"
        if group in ("blank", "comment"):
            continue
        if group == "open":
            raise unclosed(source, _opening(tokens, found))
        kind = _KINDS[group]
        quote = _quote(group, found[0])
        tokens.append(Token(kind, found[0], found.start(), found.end(), quote))
    end = len(source.text)
    tokens.append(Token(Kind.END, "", end, end))
    return tokens


def _quote(group: str, text: str) -> Quote:
    if group == "block":
        return Quote.BLOCK
    return Quote(text[0]) if group in ("string", "back") else Quote.NONE


def unclosed(source: SourceText, start: int) -> ParseError:
    """The error for a string or comment that begins at ``start`` and never ends."""
    text = source.text
    if text.startswith("/*", start):
        return ParseError(
            "this comment is never closed",
            span=Span(source, start, start + 2),
            hint='end it with */; a path with * stands in quotes: "/tmp/*"',
        )
    length = 3 if text.startswith("'''", start) else 1
    quote = text[start : start + length]
    return ParseError(
        f"this {quote} is never closed",
        span=Span(source, start, start + length),
        hint=f"end the text with {quote}",
    )


def _opening(tokens: list[Token], found: re.Match[str]) -> int:
    """Where the text that ``found`` leaves open began.

    An empty string right before another one was meant as the three quotes of a block.
    """
    if found[0] == "'":
        starts = [token.start for token in tokens[1:]] + [found.start()]
        for token, start in zip(tokens, starts, strict=False):
            if token.text == "''" and start == token.end:
                return token.start
    return found.start()
