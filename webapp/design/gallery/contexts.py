"""Contexts of the templates in templates/design/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from webapp.design.template_errors import TemplateProblem


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that is wrong with a file of fixtures.

    Attributes:
        file: The path of the file.
        line: The line, from 1.
        text: What is wrong and how to mend it.
    """

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Something that the gallery leads to.

    Attributes:
        name: What it is called.
        url: Its URL path.
        count: How many entries it has; 0: that says nothing.
        is_current: Whether it is what the page shows.
    """

    name: str
    url: str
    count: int = 0
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A template in the list.

    Attributes:
        template: Its name.
        url: The URL path of its page.
        what: What it is, as the first sentence of its comment says; may be empty.
        states: Its states.
        is_guess: Whether no file of fixtures has a state of it.
    """

    template: str
    url: str
    what: str
    states: Sequence[Link]
    is_guess: bool


@dataclass(frozen=True, slots=True)
class GalleryList:
    """For design/list.html.

    Attributes:
        folders: The folders of templates, which the list can be narrowed to.
        templates: The templates.
        problems: What is wrong with the files of fixtures.
    """

    folders: Sequence[Link]
    templates: Sequence[Listed]
    problems: Sequence[Mistake]


@dataclass(frozen=True, slots=True)
class Described:
    """A variable of a template.

    Attributes:
        name: Its name.
        kind: Its type, in words.
        meaning: What it means; may be empty.
        sample: What it is in the first state that has it, as text; empty: no state has it.
        may_be_missing: Whether some templates do not give it.
    """

    name: str
    kind: str
    meaning: str
    sample: str
    may_be_missing: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that shows an entry.

    Attributes:
        url: The URL of its document.
        width: `phone` or `desktop`.
        scheme: `light` or `dark`.
    """

    url: str
    width: str
    scheme: str


@dataclass(frozen=True, slots=True)
class ShownState:
    """An entry on the page of its template.

    Attributes:
        state: The state, which is the id of its section too.
        title: What it shows; empty for a guess.
        line: The line of the file of fixtures; 0 for a guess.
        frames: The frames that show it; none: it cannot be seen, or it cannot be rendered.
        html: What the template makes of it, as text, shortened; empty: it cannot be rendered.
        on: The page that the frames show it on, as template and state; empty: they show it by itself.
        trouble: Why it cannot be rendered, or None.
        scripts: Whether the frames show it as in a browser that runs scripts.
    """

    state: str
    title: str
    line: int
    frames: Sequence[Frame]
    html: str
    on: str
    trouble: TemplateProblem | None
    scripts: bool = True


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """For design/template.html.

    Attributes:
        template: The template's name.
        url: The URL path of this page.
        comment: What its comment says; may be empty.
        file: The path of its file.
        source_url: The URL path of its text.
        is_partial: Whether it is no page of its own.
        fixtures_file: The file of fixtures that has its states; empty: none has.
        context: The class that it is given, or the file and line that say what it is given; empty: it is a guess.
        variables: What it is given.
        unknown: Names that it uses, and of which nobody says what they are.
        used_by: The templates that use it.
        uses: The templates that it uses.
        ids: The ids of its elements, with `<…>` for what differs from row to row.
        widths: The widths that the page can show.
        schemes: The schemes that the page can show.
        states: Its states.
        problems: What is wrong with the files of fixtures.
    """

    template: str
    url: str
    comment: str
    file: str
    source_url: str
    is_partial: bool
    fixtures_file: str
    context: str
    variables: Sequence[Described]
    unknown: Sequence[str]
    used_by: Sequence[Link]
    uses: Sequence[Link]
    ids: Sequence[str]
    widths: Sequence[Link]
    schemes: Sequence[Link]
    states: Sequence[ShownState]
    problems: Sequence[Mistake]


@dataclass(frozen=True, slots=True)
class NeutralPage:
    """For design/neutral.html, the page on which a frame shows a partial by itself.

    Attributes:
        template: The partial's name.
        html: What it makes of its state, inside the elements that it stands in on a page.
    """

    template: str
    html: Markup
