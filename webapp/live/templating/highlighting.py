"""Colours the words of code that visitors write: Pygments finds them, a style sheet has the colours."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup, escape

LANGUAGES: Final = {
    **dict.fromkeys(("", "text", "txt", "console"), "text"),
    **dict.fromkeys(("bash", "sh", "shell"), "bash"),
    "c": "c",
    **dict.fromkeys(("cpp", "c++"), "cpp"),
    **dict.fromkeys(("csharp", "c#", "cs"), "csharp"),
    "css": "css",
    "diff": "diff",
    "go": "go",
    "html": "html",
    "ini": "ini",
    "java": "java",
    **dict.fromkeys(("javascript", "js"), "javascript"),
    "json": "json",
    "kotlin": "kotlin",
    "lua": "lua",
    "php": "php",
    **dict.fromkeys(("python", "py"), "python"),
    **dict.fromkeys(("ruby", "rb"), "ruby"),
    **dict.fromkeys(("rust", "rs"), "rust"),
    "sql": "sql",
    "swift": "swift",
    "toml": "toml",
    **dict.fromkeys(("typescript", "ts"), "typescript"),
    "xml": "xml",
    **dict.fromkeys(("yaml", "yml"), "yaml"),
}
"""The word that a visitor writes after the three backticks → Pygments' name of the language. Tests tried each with
hostile code.
"""

PREFIX: Final = "code__"
"""Begins the class of each word; Pygments' own short names follow, such as `k` for a keyword."""


def highlighted(code: str, language: str) -> Markup:
    """Return code as HTML, with its words in `<span>`, whose language is one of LANGUAGES."""
    name = LANGUAGES[language.strip().lower()]
    if name == "text":
        return escape(code)
    # Most processes never see any code.
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    html = highlight(code, lexer, HtmlFormatter(nowrap=True, classprefix=PREFIX))
    return Markup(html.removesuffix("\n"))  # noqa: S704 - the formatter escapes
