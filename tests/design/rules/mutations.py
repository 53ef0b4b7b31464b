"""Mistakes in the shipped templates, each with the rule that finds it."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """A mistake.

    Attributes:
        rule: The rule that finds it.
        file: The template or the style sheet.
        old: A text that stands in the file; empty: the file is new.
        new: What stands in its place.
        at: A text in the line that the finding names; empty: the line in which the change begins.
        also: Another change in the same file: old text, new text.
    """

    rule: str
    file: str
    old: str
    new: str
    at: str = ""
    also: tuple[str, str] = ("", "")


MUTATIONS = [
    # Jinja
    Mutation("jinja-error", "chat/_reset.html", '{%- include "chat/_log.html" -%}', '{%- inclde "chat/_log.html" -%}'),
    Mutation("jinja-error", "chat/_message.html", "message.handle | seen", "message.handle | sen"),
    Mutation("jinja-error", "chat/_people.html", '<p id="people-more"></p>', '<p id="people-more">{{ \'x }}</p>'),
    Mutation("jinja-error", "live/_done.html", "{%- endif %}", "", at="{% if action"),
    Mutation("unknown-template", "chat/_reset.html", "chat/_log.html", "chat/_lg.html", at='"chat/_lg.html"'),
    Mutation("unknown-template", "chat/_wiring.html", "chat/_unsent.html", "chat/_unsnt.html"),
    Mutation("unknown-file", "_brand.html", "icon.svg", "icn.svg"),
    Mutation(
        "unused-partial", "chat/_footer.html", "", "{# At the end of a room. Included by nobody. #}\n<p>Bye</p>\n"
    ),
    Mutation("unused-variable", "chat/_message.html", "{% set at =", '{% set when = "now" %}\n{% set at ='),
    Mutation("unused-variable", "chat/_history.html", "`before`. #}", "`before`, `newer`. #}"),
    Mutation("unknown-variable", "chat/_message.html", "{{ message.handle | seen }}", "{{ mesage.handle | seen }}"),
    Mutation("unknown-variable", "chat/_message.html", "{{ message.handle | seen }}", "{{ message.handel | seen }}"),
    Mutation("unknown-variable", "live/_presence.html", "{{ count }}", "{{ counted }}"),
    Mutation("failed", "chat/_older.html", 'room.history_path ~ "?before="', 'room.history_path - "?before="'),
    Mutation("unescaped-text", "chat/_message.html", "{{ part.text }}", "{{ part.text | safe }}"),
    Mutation(
        "unescaped-text",
        "board/_value.html",
        "{{ row.name }}</b>",
        "{% autoescape false %}{{ row.name }}{% endautoescape %}</b>",
    ),
    Mutation(
        "unquoted-value",
        "chat/_composer.html",
        'placeholder="{{ composer.guest }}"',
        "placeholder={{ composer.guest }}",
    ),
    # What the browser refuses
    Mutation("inline-style", "about.html", '<p class="first__lead">', '<p class="first__lead" style="color: red">'),
    Mutation(
        "inline-style",
        "chat/history.html",
        '<meta name="robots"',
        '<style>p { color: red }</style>\n  <meta name="robots"',
    ),
    Mutation("inline-script", "_scripts.html", "<script src", "<script>scrollTo(0, 0)</script>\n<script src"),
    Mutation("handler-attribute", "about.html", '<button class="button', '<button onclick="go()" class="button'),
    Mutation("hx-on", "chat/_composer.html", "hx-ws:send\n", 'hx-ws:send hx-on:submit="this.reset()"\n'),
    Mutation("hx-live", "live/_plain.html", '<a href="">', '<a href="" hx-live="x">'),
    Mutation("js-value", "chat/_wiring.html", 'hx-sync="this:drop"', 'hx-vals="js:{a: 1}" hx-sync="this:drop"'),
    Mutation("js-value", "about.html", 'href="/values/"', 'href="javascript:history.back()"'),
    Mutation(
        "trigger-filter",
        "chat/_wiring.html",
        'hx-trigger="change from:#several"',
        'hx-trigger="change[shiftKey] from:#several"',
    ),
    Mutation("from-elsewhere", "about.html", "{{ static('icon.svg') }}", "https://example.com/icon.svg"),
    Mutation(
        "from-elsewhere",
        "_clock.html",
        '{{ static("vendor/relative-time-element/bundle.js") }}',
        "//cdn.example.com/time.js",
    ),
    Mutation(
        "style-from-elsewhere",
        "css/base.css",
        "@layer base {",
        "@layer base {\n  i { background: url(//a.example/b) }",
        at="url(",
    ),
    # What has to stay
    Mutation("lost-id", "chat/room.html", '<p id="typing" class="typing">', '<p class="typing">'),
    Mutation("lost-id", "chat/room.html", 'id="newest"', 'id="newset"'),
    Mutation("lost-id", "chat/_wiring.html", '<i id="plainly"\n     hx-post', "<i hx-post"),
    Mutation("lost-id", "live/_connection.html", '<div id="joined"></div>', "<div></div>"),
    Mutation("lost-id", "chat/_nonce.html", '       id="nonce"\n', "", at='<input type="hidden"'),
    Mutation("lost-id", "board/_value.html", ' id="value-{{ row.id }}-value"', ""),
    Mutation("lost-key", "chat/_message.html", " data-key={{ message.id }}", ""),
    Mutation("lost-key", "room_values/_room_value.html", ' data-key="{{ row.id }}"', ""),
    Mutation("lost-part", "chat/_older.html", 'class="messages__older"', 'class="messages__earlier"'),
    Mutation("lost-part", "board/_new.html", '  {% include "live/_visitor.html" %}\n', "", at="<form"),
    # Live updates
    Mutation("unknown-target", "chat/_unsent.html", "#composer-error", "#composer-eror"),
    Mutation("unknown-target", "chat/_wiring.html", "from:#several", "from:#severl"),
    Mutation("unknown-target", "chat/_people.html", 'popovertarget="people"', 'popovertarget="peple"'),
    Mutation("unknown-target", "chat/room.html", 'href="#newest"', 'href="#newst"'),
    Mutation(
        "unknown-target",
        "board/_value.html",
        "value-{{ row.id }}-plus value-{{ row.id }}-name",
        "value-{{ row.id }}-plus value-{{ row.id }}-nam",
    ),
    Mutation("unknown-target", "_features.html", "#room-values", "#rom-values"),
    Mutation(
        "replaced-without-id",
        "live/_closed.html",
        'hx-target="#banner"',
        'hx-target="#composer-error"',
        at='<p id="banner"',
    ),
    Mutation(
        "space-around-replaced",
        "chat/_accepted.html",
        '{%- include "chat/_nonce.html" -%}',
        '{% include "chat/_nonce.html" %}',
        at='"#nonce"',
    ),
    Mutation(
        "sentinel-id", "chat/_older.html", '<li class="messages__older">', '<li id="older" class="messages__older">'
    ),
    Mutation(
        "from-replaced",
        "chat/_wiring.html",
        "input from:#composer target:'#room:has(#banner:empty) :is",
        "input from:#message target:'#room:has(#banner:empty) :is",
    ),
    # Forms
    Mutation(
        "form-without-method", "about.html", 'class="first__start" method="post" action', 'class="first__start" action'
    ),
    Mutation(
        "form-without-method",
        "chat/room.html",
        '<form method="post" action="/new/">',
        '<form method="post" hx-post="/new/">',
    ),
    Mutation(
        "button-without-type",
        "board/_value.html",
        '            type="button"\n',
        "",
        at='<button class="button button--quiet"\n            popovertarget',
    ),
    Mutation("field-without-name", "chat/_composer.html", '           name="handle"\n', "", at='<input id="handle"'),
    # Readers who do not see the page
    Mutation("missing-alt", "about.html", ' alt=""', ""),
    Mutation(
        "missing-label",
        "chat/_composer.html",
        '<label for="handle">{% block name_label %}{{ _("Your name") }}{% endblock %}</label>',
        '{% block name_label %}{{ _("Your name") }}{% endblock %}',
        at='<input id="handle"',
    ),
    Mutation(
        "nameless-button",
        "chat/_composer.html",
        '{% block send %}{{ _("Send") }}{% endblock %}',
        "",
    ),
    Mutation("nameless-button", "_brand.html", 'alt="Haiku Rooms"', 'alt=""', at="<a"),
    # Whole pages
    Mutation("landmark", "about.html", '<main id="front"', '<div id="front"', also=("</main>", "</div>")),
    Mutation("page-language", "base.html", ' lang="{{ language.code }}"', ""),
    Mutation("page-title", "chat/history.html", '{{ _("Older messages") }} · {{ room.name }}', ""),
    Mutation(
        "heading-order",
        "chat/_log.html",
        '<h2>{{ _("It is quiet in here") }}</h2>',
        '<h4>{{ _("It is quiet in here") }}</h4>',
    ),
    Mutation(
        "heading-order",
        "about.html",
        '<h1>{{ _("A quiet room to talk in") }}</h1>',
        '<h2>{{ _("A quiet room to talk in") }}</h2>',
    ),
    # HTML
    Mutation("html-syntax", "about.html", 'method="post" action', 'method="post"action'),
    Mutation(
        "html-syntax", "chat/room.html", '<p id="typing" class="typing">', '<p id="typing" class="typing" class="x">'
    ),
    Mutation(
        "html-structure", "about.html", '<p class="first__lead">', '<p class="first__lead"><div>{{ _("Reload") }}</div>'
    ),
    Mutation(
        "html-structure",
        "chat/_composer.html",
        '<div class="field composer__name">',
        '<form></form><div class="field">',
    ),
    Mutation("html-structure", "board/page.html", '<p class="board__lead">', '<p class="board__lead"><b>'),
    Mutation("html-structure", "chat/export.html", "</main>", "</section></main>"),
    Mutation("duplicate-id", "chat/room.html", 'class="typing"></p>', 'class="typing"></p><i id="typing"></i>'),
    Mutation(
        "dangling-reference", "board/page.html", "aria-label=\"{{ _('Values') }}\"", 'aria-labelledby="people-heading"'
    ),
    Mutation("attribute-typo", "about.html", 'class="first__lead"', 'clas="first__lead"'),
    Mutation("attribute-typo", "chat/_wiring.html", 'hx-sync="this:drop"', 'hx-snyc="this:drop"'),
    Mutation("attribute-typo", "chat/_lines.html", "aria-describedby", "aria-describeby"),
    Mutation(
        "unknown-element",
        "chat/_composer.html",
        '<button class="button">{% block send %}{{ _("Send") }}{% endblock %}</button>',
        '<buton>{% block send %}{{ _("Send") }}{% endblock %}</buton>',
    ),
    # Words
    Mutation("untranslated", "live/_reconnecting.html", '<a href="">', 'Please wait. <a href="">'),
    Mutation("missing-translation", "live/_reconnecting.html", "Reconnecting…", "Connecting once more…"),
    # Style sheets
    Mutation(
        "style-error",
        "css/message.css",
        "@layer components {",
        "@layer components {\n  .message { color red; }",
        at="color red",
    ),
    Mutation("unknown-token", "css/base.css", "var(--ink)", "var(--inc)"),
    Mutation("contrast", "css/tokens.css", "--faint: light-dark(#5d636b", "--faint: light-dark(#b0b0b0"),
    Mutation(
        "contrast",
        "css/tokens.css",
        "--on-accent: light-dark(#ffffff, #10201f)",
        "--on-accent: light-dark(#ffffff, #6cb5ad)",
    ),
    # Comments
    Mutation("switched-off", "about.html", "    <img src", "    {# check: off missing-alt #}\n    <img src"),
    Mutation(
        "switched-off", "about.html", "    <img src", "    {# check: off mising-alt: it decorates #}\n    <img src"
    ),
    Mutation("style-switched-off", "css/base.css", "@layer base {", "/* check: off unknown-token */\n@layer base {"),
]
