"""The language: text to statements, each with its place in the text. Knows no engine."""
