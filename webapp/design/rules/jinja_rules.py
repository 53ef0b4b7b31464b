"""Rules about Jinja: names of templates, files, and what is used by nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from jinja2 import nodes

from webapp.design.fixtures import contexts_of_app
from webapp.design.rules.finding import Level
from webapp.design.rules.registry import Hit, rule
from webapp.design.rules.site import Site
from webapp.design.rules.source import SOMETHING, Source
from webapp.design.rules.words import did_you_mean, nearest
from webapp.design.template_errors import TemplateProblem, explain

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
    if source.error is not None:
        problem = explain(source.error, site.templates.environment, source.name, static=site.static)
        yield Hit(source.start_of(problem.line), _READING[problem.kind].format(problem.wrong, **_details(problem)))


_READING = defaultdict(
    lambda: "Jinja cannot read this: {detail}.",
    unknown_tag="There is no tag {{% {0} %}}.{near}",
    unknown_filter="There is no filter {0}.{near}",
    unknown_test="There is no test {0}.{near}",
    not_utf8="The file is not written in UTF-8.",
    syntax="{opened}",
)


def _details(problem: TemplateProblem) -> dict[str, str]:
    detail = problem.detail.rstrip(".")
    near = f" Did you mean {problem.nearest}?" if problem.nearest else ""
    opened = f"Jinja cannot read this: {detail}."
    if problem.opened:
        opened = f"The tag {{% {problem.opened} %}} in this line has no {{% end{problem.opened} %}}."
    return {"detail": detail, "near": near, "opened": opened}


@rule(
    "unknown-variable",
    Level.FATAL,
    GROUP,
    "all",
    noticed="A page with this template is an error page, and live updates that need it do not come.",
    mend="Spell the name as the comment at the top of the template has it. templates/README.md lists what each template"
    " is given.",
    bad="<b>{{ mesage.handle }}</b>",
    good="<b>{{ message.handle }}</b>",
)
def unknown_variable(site: Site) -> Iterator[Hit]:
    """Find names that a template is not given, and parts that what it is given does not have."""
    for name, context in site.fixtures.contexts.items():
        for unknown in context.unknown if name in site.sources else ():
            source = site.sources[name]
            uses = (each.lineno for each in source.tree.find_all(nodes.Name) if each.name == unknown)
            near = did_you_mean(unknown, [each.name for each in context.variables])
            sentence = f"{unknown} is not among what this template is given.{near}"
            yield Hit(source.start_of(next(uses, 1)), sentence, name)
    for problem in _problems(site, ("undefined", "no_attribute")):
        near = f" Did you mean {problem.nearest}?" if problem.nearest else ""
        lacks = f"{problem.owner or 'What stands before it'} has no {problem.wrong}."
        unknown = f"{problem.wrong} is not among what this template is given."
        yield _hit(problem, site, f"{lacks if problem.kind == 'no_attribute' else unknown}{near}")


@rule(
    "failed",
    Level.FATAL,
    GROUP,
    "all",
    noticed="A page with this template is an error page, and live updates that need it do not come.",
    mend="Look at the expression in this line: it does something that the value cannot do. What the value is,"
    " templates/README.md tells.",
    bad="{{ message.id + message.handle }}",
    good="{{ message.id ~ message.handle }}",
)
def failed(site: Site) -> Iterator[Hit]:
    """Find expressions that fail with one of the samples."""
    known = ("undefined", "no_attribute", "missing_template", "missing_file", *_READING, "not_utf8")
    for rendering in site.renderings:
        problem = rendering.problem
        is_read = problem and problem.template in site.sources and site.sources[problem.template].error is None
        if problem and is_read and problem.kind not in known:
            yield _hit(problem, site, f'This fails with the sample "{rendering.entry.state}": {problem.detail}.')


@rule(
    "wrong-sample",
    Level.WARNING,
    GROUP,
    "all",
    noticed="Nothing; but the template is not checked with this sample, and the gallery does not show it.",
    mend="The comment at the top of templates/fixtures.toml says how samples are written.",
    bad='["chat/_message.html".one]\nmesage = "@ann"',
    good='["chat/_message.html".one]\nmessage = "@ann"',
)
def wrong_sample(site: Site) -> Iterator[Hit]:
    """Find samples that cannot be used."""
    for problem in site.fixtures.problems:
        name = next((each for each, file in site.files.items() if file.path == problem.file), "")
        if name:
            yield Hit(site.files[name].start_of(problem.line), problem.text, name)


def _problems(site: Site, kinds: Collection[str]) -> Iterator[TemplateProblem]:
    problems = (each.problem for each in site.renderings if each.problem)
    return (each for each in problems if each.kind in kinds and each.template in site.sources)


def _hit(problem: TemplateProblem, site: Site, sentence: str) -> Hit:
    return Hit(site.sources[problem.template].start_of(problem.line), sentence, problem.template)


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
    for text in source.texts:
        if _NAME.fullmatch(text.value) and text.value not in optional and text.value not in site.sources:
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
    "all",
    noticed="Readers never see what stands in it.",
    mend="Include it where it belongs, or delete the file. If its name has a typing mistake, name it as it was.",
    bad="A file chat/_footer.html that no template includes.",
    good='{% include "chat/_footer.html" %} in chat/room.html.',
)
def unused_partial(site: Site) -> Iterator[Hit]:
    """Find partials that nothing names."""
    named = {kept.name for kept in site.contract.kept if kept.kind == "include"}
    for source in site.sources.values():
        written = {each.value for each in source.texts} if source.error is None else set(_NAME.findall(source.text))
        # A name with a typing mistake is a finding already.
        named |= written | {
            nearest(each, site.sources) for each in written - site.sources.keys() if _NAME.fullmatch(each)
        }
    sent = contexts_of_app().by_template
    for source in site.sources.values():
        if source.is_partial and source.name not in named and source.name not in sent:
            yield Hit(0, f"Nothing uses {source.name}.", source.name)


_NAME = re.compile(r"(?:base:)?[\w./-]+\.html")


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
    """Find names that a template sets and nobody uses, and those that its first comment lists for nothing."""
    used = names_used(source, site, set())
    for name, at in _listed(source, site):
        if name not in used:
            yield Hit(at, f"The comment lists {name}, which this template is not given and does not use.")
    for made, line in _made(source.tree) if ANYTHING not in used else ():
        if made not in used and not made.startswith("_") and (source.name, made) not in site.imported:
            near = nearest(made, used)
            more = f" {near} is used: is that the one?" if near else ""
            yield Hit(source.start_of(line), f"{made} is set here and never used.{more}")


ANYTHING = "*"
"""Among the names that a template uses: it includes one that is not known before it is rendered, or cannot be read."""

_LISTED = re.compile(r"`([a-z]\w*)`")


def _listed(source: Source, site: Site) -> Iterator[tuple[str, int]]:
    """Return the names that the first comment lists and that no context has."""
    opening = next((each for each in source.comments if not each.text.startswith(("djlint", "check"))), None)
    context = site.fixtures.contexts.get(source.name)
    if opening is not None and context is not None and context.name:
        for found in _LISTED.finditer(source.text, opening.at, opening.end):
            if found[1] not in context:
                yield found[1], found.start()


def _made(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    targets: list[nodes.Node] = [each.target for each in tree.find_all(nodes.Assign)]
    targets += [each.target for each in tree.find_all(nodes.AssignBlock)]
    targets += [target for each in tree.find_all(nodes.With) for target in each.targets]
    yield from ((each.name, each.lineno) for each in targets if isinstance(each, nodes.Name))
    for imported in tree.find_all(nodes.FromImport):
        names = (each if isinstance(each, str) else each[1] for each in imported.names)
        yield from ((each, imported.lineno) for each in names)


def names_used(source: Source, site: Site, seen: set[str]) -> set[str]:
    """Return the names that a template reads, and those that the templates read that it includes or extends."""
    if source.name in seen:
        return set()
    seen.add(source.name)
    if source.error is not None:
        return {ANYTHING}
    used = {each.name for each in source.tree.find_all(nodes.Name) if each.ctx == "load"}
    templates = [each.template for each in source.tree.find_all(nodes.Include)]
    templates += [each.template for each in source.tree.find_all(nodes.Extends)]
    for template in templates:
        used |= _used_by(template, site, seen)
    return used


def _used_by(template: nodes.Expr, site: Site, seen: set[str]) -> set[str]:
    named = site.sources.get(str(template.value)) if isinstance(template, nodes.Const) else None
    return names_used(named, site, seen) if named else {ANYTHING}


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
            is_open = each.value is not None and not each.is_quoted and SOMETHING in each.value
            if is_open and each.name not in ("id", "data-key", "datetime"):
                yield Hit(each.at, f"The value of {each.name} needs quotes around it.")
