"""Contexts of the templates in templates/design/ that the live preview renders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.design.template_errors import TemplateProblem


@dataclass(frozen=True, slots=True)
class PreviewElement:
    """For design/_preview.html, which is added to each page in development.

    Attributes:
        url: The page's own path and query.
        version: Which state of the files the page shows.
        empty: The ids of the elements that the page was rendered without content, separated by spaces.
        problems: What is wrong with the templates.
        mark: Differs whenever the problems do.
        has_socket: The page has a socket of its own, which also carries the frames of the preview.
        has_scripts: The page loads htmx itself.
        is_in_place: The problems are all that the page shows.
    """

    url: str
    version: str
    empty: str
    problems: Sequence[TemplateProblem]
    mark: str
    has_socket: bool
    has_scripts: bool
    is_in_place: bool = False


@dataclass(frozen=True, slots=True)
class Problems:
    """For design/_problems.html, and for the frame around it, design/_problems_frame.html.

    Attributes:
        problems: What is wrong with the templates; empty: nothing.
        mark: Differs whenever the problems do.
    """

    problems: Sequence[TemplateProblem]
    mark: str


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """For design/problem.html, in place of a page that cannot be rendered."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """For design/_refresh.html: has a page ask for itself anew."""


@dataclass(frozen=True, slots=True)
class NewSheets:
    """For design/_sheets.html: new addresses of style sheets.

    Attributes:
        sheets: Pairs of a selector of the links to a sheet, and its new URL.
    """

    sheets: Sequence[tuple[str, str]]
