"""Rules about Jinja: names of templates, files, and what is used by nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import nodes

from webapp.design.rules.finding import Level
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.site import Site
from webapp.design.rules.source import Source
from webapp.design.rules.words import did_you_mean, nearest

GROUP = "Jinja"


@rule(
    "jinja-error",
    Level.FATAL,
    GROUP,
    "template",
    noticed="A page with this template is an error page, and live updates that need it do not come.",
    mend="Look at the line that is named and at the one above it: a tag that is not closed, a quote that is missing,"
    " an {% endif %} or {% endfor %} too many or too few, a filter that there is not.",
    bad="{% if message %}<p>{{ message.text }</p>{% endif %}",
    good="{% if message %}<p>{{ message.text }}</p>{% endif %}",
)
def jinja_error(source: Source, site: Site) -> Iterator[Hit]:
    """Find what Jinja cannot read."""
    if source.problem is not None:
        message = (source.problem.message or "").rstrip(".")
        filters = site.templates.environment.filters
        unknown = re.match(r"No filter named '(.*?)'", message)
        more = did_you_mean(unknown[1], filters) if unknown else ""
        yield Hit(source.start_of(source.problem.lineno), f"Jinja cannot read this: {message}.{more}")


@rule(
    "unknown-template",
    Level.FATAL,
    GROUP,
    "template",
    noticed="A page with this template is an error page.",
    mend="Write the name as the file is called, with its folder, from templates/ on.",
    bad='{% include "chat/_mesage.html" %}',
    good='{% include "chat/_message.html" %}',
)
def unknown_template(source: Source, site: Site) -> Iterator[Hit]:
    """Find names of templates that there are not."""
    optional = {
        each.template.value
        for each in source.tree.find_all(nodes.Include)
        if each.ignore_missing and isinstance(each.template, nodes.Const)
    }
    for text in site.texts[source.name]:
        if re.fullmatch(r"[\w./-]+\.html", text.value) and text.value not in site.sources | dict.fromkeys(optional):
            yield Hit(
                source.start_of(text.lineno),
                f"There is no template {text.value}.{did_you_mean(text.value, site.sources)}",
            )


@rule(
    "unknown-file",
    Level.FATAL,
    GROUP,
    "template",
    noticed="A page with this template is an error page.",
    mend="Write the path of the file as it is below static/.",
    bad='<img src="{{ static(\'icn.svg\') }}" alt="">',
    good='<img src="{{ static(\'icon.svg\') }}" alt="">',
)
def unknown_file(source: Source, site: Site) -> Iterator[Hit]:
    """Find static files that there are not."""
    for call in source.tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "static" and call.args:
            path = call.args[0]
            if isinstance(path, nodes.Const) and not site.has_static(str(path.value)):
                near = did_you_mean(str(path.value), site.static_names())
                yield Hit(source.start_of(call.lineno), f"There is no file static/{path.value}.{near}")


@rule(
    "unused-partial",
    Level.WARNING,
    GROUP,
    "templates",
    noticed="Readers never see what stands in it.",
    mend="Include it where it belongs, or delete the file. If its name has a typing mistake, name it as it was.",
    bad="A file chat/_footer.html that no template includes.",
    good='{% include "chat/_footer.html" %} in chat/room.html.',
)
def unused_partial(site: Site) -> Iterator[Hit]:
    """Find partials that nothing names."""
    named = {text.value for texts in site.texts.values() for text in texts}
    for source in site.sources.values():
        if source.is_partial and source.name not in named | site.sent:
            yield Hit(0, f"Nothing uses {source.name}.", source.name)


@rule(
    "unused-variable",
    Level.ADVICE,
    GROUP,
    "template",
    noticed="Nothing; but a person who reads the template looks for where the name is used.",
    mend="Use it, or take it away. If it has a typing mistake, spell it as where it is used.",
    bad='{% set headng = "Rooms" %}<h1>{{ heading }}</h1>',
    good='{% set heading = "Rooms" %}<h1>{{ heading }}</h1>',
)
def unused_variable(source: Source, site: Site) -> Iterator[Hit]:
    """Find names that a template sets and nobody uses, and those that its comment lists without use."""
    tree = source.tree
    used = names_used(source, site, set())
    for made, line in _made(tree):
        if made not in used and not made.startswith("_") and (source.name, made) not in site.imported:
            near = nearest(made, used)
            more = f" {near} is used: is that the one?" if near else ""
            yield Hit(source.start_of(line), f"{made} is set here and never used.{more}")


def _made(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    for node in tree.find_all((nodes.Assign, nodes.AssignBlock)):
        if isinstance(node.target, nodes.Name):
            yield node.target.name, node.lineno
    for node in tree.find_all(nodes.With):
        yield from ((each.name, each.lineno) for each in node.targets if isinstance(each, nodes.Name))
    for node in tree.find_all(nodes.FromImport):
        names = (each if isinstance(each, str) else each[1] for each in node.names)
        yield from ((each, node.lineno) for each in names)


def names_used(source: Source, site: Site, seen: set[str]) -> set[str]:
    """Return the names that a template reads, and those that the templates read that it includes or extends."""
    if source.name in seen:
        return set()
    seen.add(source.name)
    used = {each.name for each in source.tree.find_all(nodes.Name) if each.ctx == "load"}
    for node in source.tree.find_all((nodes.Include, nodes.Extends)):
        used |= _used_by(node.template, site, seen)
    return used


def _used_by(template: nodes.Expr, site: Site, seen: set[str]) -> set[str]:
    if isinstance(template, nodes.Const):
        named = site.sources.get(str(template.value))
        return names_used(named, site, seen) if named else set()
    # Which template it is, shows at the rendering only: any may be it.
    return {each.name for source in site.sources.values() for each in source.tree.find_all(nodes.Name)}


@rule(
    "unescaped-text",
    Level.FATAL,
    GROUP,
    "template",
    noticed="Whoever writes a message can put buttons, pictures and links of their own into everybody's page.",
    mend="Leave out the filter or the block: Jinja then shows what people wrote as text. For links use `text | links`.",
    bad="<p>{{ message.message | safe }}</p>",
    good="<p>{{ message.message }}</p>",
)
def unescaped_text(source: Source, site: Site) -> Iterator[Hit]:
    """Find ways around the escaping of texts."""
    yield from (Hit(source.start_of(line), sentence) for line, sentence in _unescaped(source.tree))


def _unescaped(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    for node in tree.find_all((nodes.Filter, nodes.Name, nodes.Getattr, nodes.EvalContextModifier)):
        if isinstance(node, nodes.Filter) and node.name == "safe":
            yield node.lineno, "The filter safe shows text as HTML."
        elif isinstance(node, nodes.Name) and node.name == "Markup":
            yield node.lineno, "Markup shows text as HTML."
        elif isinstance(node, nodes.Getattr) and node.attr == "__html__":
            yield node.lineno, "__html__ shows text as HTML."
        elif isinstance(node, nodes.EvalContextModifier) and not _escapes(node):
            yield node.lineno, "This switches the escaping of texts off."


def _escapes(node: nodes.EvalContextModifier) -> bool:
    values = [each.value for each in node.options if each.key == "autoescape"]
    return all(isinstance(each, nodes.Const) and each.value is True for each in values)


@rule(
    "unquoted-value",
    Level.FATAL,
    GROUP,
    "template",
    noticed="A space in the text ends the value, and what follows becomes attributes: whoever writes the text can"
    " make the element do something else.",
    mend="Put quotes around the value. Only id, data-key and datetime may go without, whose values the server makes.",
    bad="<input name=handle value={{ handle }}>",
    good='<input name="handle" value="{{ handle }}">',
)
def unquoted_value(source: Source, site: Site) -> Iterator[Hit]:
    """Find expressions in values without quotes."""
    for tag in source.start_tags:
        for each in tag.attributes:
            is_open = each.value is not None and not each.is_quoted and "\ue000" in each.value
            if is_open and each.name not in ("id", "data-key", "datetime"):
                yield Hit(each.at, f"The value of {each.name} needs quotes around it.")
