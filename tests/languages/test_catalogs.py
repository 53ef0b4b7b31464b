"""Translators edit one file; what is wrong in it costs its readers those words, and nothing else."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from shutil import copytree
from types import SimpleNamespace

import pytest
from babel.messages.pofile import read_po

from tests.support.app_server import ROOT
from tests.support.patience import PATIENCE
from webapp.live.templating import STATIC, TEMPLATES, Assets, Templates, missing_translations, wrong_translations
from webapp.live.templating.catalogs import catalog_file, languages_in
from webapp.live.templating.messages import is_current, update
from webapp.web.refusal import ErrorPage

SAYS = '{{ _("Hello") }} {% trans n=n %}{{ n }} cup{% pluralize n %}{{ n }} cups{% endtrans %}'
HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

"""


@pytest.fixture
def folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Path:
    """A folder of templates with one template, `x.html`."""
    caplog.set_level(logging.ERROR)
    (tmp_path / "x.html").write_text(SAYS, encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str, language: str = "lt") -> Path:
    path = catalog_file(folder, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + text, encoding="utf-8")
    return path


def says(folders: list[Path], n: int = 2, language: str = "lt", reload: bool = False) -> str:
    templates = Templates(folders, Assets([STATIC]), reload=reload, languages=["en", "lt"])
    return templates.in_language(language)._environment.get_template("x.html").render(n=n)


@pytest.mark.parametrize("language", languages_in([TEMPLATES])[1:])
def test_the_catalog_has_the_messages_of_the_templates(language: str) -> None:
    assert is_current(TEMPLATES, language), "run bin/messages, and translate what is new"


def test_every_message_is_translated() -> None:
    assert languages_in([TEMPLATES]) == ["en", "ar", "lt"]
    assert missing_translations([TEMPLATES]) == []
    assert wrong_translations([TEMPLATES]) == []


def test_bringing_a_catalog_up_to_date_twice_changes_nothing(tmp_path: Path) -> None:
    copytree(TEMPLATES, tmp_path / "templates")
    file = catalog_file(tmp_path / "templates", "lt")
    before = file.read_bytes()
    update(tmp_path / "templates", "lt")
    assert file.read_bytes() == before


def test_a_translator_adds_a_language_with_one_file(tmp_path: Path) -> None:
    copytree(TEMPLATES, tmp_path / "templates")
    update(tmp_path / "templates", "lv")
    file = catalog_file(tmp_path / "templates", "lv")
    assert {each.language for each in missing_translations([tmp_path / "templates"])} == {"lv"}
    # A pseudo-language: each word is the English one in brackets.
    lines = []
    with file.open("rb") as source:
        for message in read_po(source):
            if message.id and isinstance(message.id, str):
                lines += [f'msgid "{message.id}"', f'msgstr "[{message.id}]"', ""]
    file.write_text(HEADER + "\n".join(lines), encoding="utf-8")
    templates = Templates([tmp_path / "templates"], Assets([STATIC]), languages=languages_in([tmp_path / "templates"]))
    assert [each.name for each in templates.languages] == ["English", "العربية", "Lietuvių", "Latviešu"]
    page = templates.in_language("lv").render("error.html", ErrorPage(404))
    assert '<html lang="lv" dir="ltr">' in page
    assert "<h1>[There is nothing here]</h1>" in page


def test_a_missing_translation_shows_english_and_is_listed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(folder, 'msgid "Hello"\nmsgstr ""\n')
    assert says([folder]) == "Hello 2 cups"
    listed = [(each.language, each.msgid, each.file.name, each.line) for each in missing_translations([folder])]
    assert listed == [("lt", "Hello", "x.html", 1), ("lt", "%(n)s cup", "x.html", 1)]
    assert not caplog.records


def test_an_uncertain_translation_is_not_shown(folder: Path) -> None:
    write(folder, '#, fuzzy\nmsgid "Hello"\nmsgstr "Sveiki"\n')
    assert says([folder]).startswith("Hello")
    assert "Hello" in [each.msgid for each in missing_translations([folder])]


CUPS = 'msgid "%(n)s cup"\nmsgid_plural "%(n)s cups"\nmsgstr[0] "{}"\nmsgstr[1] "{}"\nmsgstr[2] "{}"\n'


@pytest.mark.parametrize(
    ("forms", "why"),
    [
        (("%(n)s p", "%(m)s p", "%(n)s p"), "%(m)s is not in the original"),
        (("p", "p", "p"), "%(n)s is missing"),
        (("%(n)s p", "100 % p", "%(n)s p"), "percent"),
        (("%(n)d p", "%(n)s p", "%(n)s p"), "percent"),
        (("%(n p", "%(n)s p", "%(n)s p"), "percent"),
    ],
)
def test_a_wrong_placeholder_shows_english_and_is_logged_once(
    folder: Path, caplog: pytest.LogCaptureFixture, forms: tuple[str, str, str], why: str
) -> None:
    file = write(folder, 'msgid "Hello"\nmsgstr "Sveiki"\n\n' + CUPS.format(*forms))
    assert [says([folder]), says([folder])] == ["Sveiki 2 cups"] * 2
    (logged,) = [record.getMessage() for record in caplog.records]
    assert str(file) in logged
    assert "line 9" in logged
    assert why in logged
    (wrong,) = wrong_translations([folder])
    assert (wrong.language, wrong.msgid, wrong.file, wrong.line) == ("lt", "%(n)s cup", file, 9)
    assert why in wrong.why
    assert [each.msgid for each in missing_translations([folder])] == ["%(n)s cup"]


def test_a_form_may_leave_its_number_out(folder: Path) -> None:
    write(folder, CUPS.format("puodelis", "%(n)s puodeliai", "%(n)s puodelių"))
    assert [says([folder], n) for n in (1, 2, 10)] == ["Hello puodelis", "Hello 2 puodeliai", "Hello 10 puodelių"]
    assert wrong_translations([folder]) == []


@pytest.mark.parametrize(
    "text",
    ['msgid "Hello"\nmsgstr "Sveiki', 'msgid "Hello"\nmstr "Sveiki"\n', "<<<<<<< HEAD\n", 'msgid "Hello"\n"x" y\n'],
)
def test_a_broken_file_costs_its_words_and_says_where(
    folder: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    file = write(folder, text)
    assert says([folder]) == "Hello 2 cups"
    assert [record for record in caplog.records if str(file) in record.getMessage()]
    assert "English" in caplog.records[0].getMessage()


def test_a_file_that_is_not_text_costs_its_words(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(folder, "").write_bytes(HEADER.encode() + b'msgid "Hello"\nmsgstr "\xff\xfe"\n')
    assert says([folder]) == "Hello 2 cups"
    assert "cannot be read" in caplog.text


def test_a_translation_brings_no_markup(folder: Path) -> None:
    (folder / "x.html").write_text("{% trans name=name %}Hello {{ name }}{% endtrans %}", encoding="utf-8")
    write(folder, 'msgid "Hello %(name)s"\nmsgstr "<b>Sveiki</b> %(name)s \\"&"\n')
    templates = Templates([folder], Assets([STATIC]), languages=["en", "lt"])
    page = templates.in_language("lt")._environment.get_template("x.html").render(SimpleNamespace(name="").__dict__)
    assert page == "&lt;b&gt;Sveiki&lt;/b&gt;  &#34;&amp;"
    page = templates.in_language("lt")._environment.get_template("x.html").render(name="<i>%(x)s")
    assert page == "&lt;b&gt;Sveiki&lt;/b&gt; &lt;i&gt;%(x)s &#34;&amp;"


def test_the_words_of_an_earlier_folder_replace_those_of_a_later_one(folder: Path, tmp_path: Path) -> None:
    write(folder, 'msgid "Hello"\nmsgstr "Sveiki"\n\n' + CUPS.format("%(n)s p", "%(n)s pai", "%(n)s pų"))
    theme = tmp_path / "theme"
    write(theme, 'msgid "Hello"\nmsgstr "Labas"\n')
    assert says([theme, folder]) == "Labas 2 pai"
    assert missing_translations([theme, folder]) == []


def test_a_theme_may_say_things_otherwise_in_english_too(folder: Path, tmp_path: Path) -> None:
    theme = tmp_path / "theme"
    write(theme, 'msgid "Hello"\nmsgstr "Howdy"\n', "en")
    assert says([theme, folder], language="en") == "Howdy 2 cups"


def test_in_development_a_saved_catalog_shows_at_once(folder: Path) -> None:
    file = write(folder, 'msgid "Hello"\nmsgstr "Sveiki"\n')
    templates = Templates([folder], Assets([STATIC]), reload=True, languages=["en", "lt"])
    template = templates.in_language("lt")._environment.get_template("x.html")
    assert template.render(n=2) == "Sveiki 2 cups"
    write(folder, 'msgid "Hello"\nmsgstr "Labas"\n\n' + CUPS.format("%(n)s p", "%(n)s pai", "%(n)s pų"))
    os.utime(file, (PATIENCE, PATIENCE))
    assert template.render(n=2) == "Labas 2 pai"


def test_a_folder_that_is_no_language_is_left_out(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(folder, "", "xx-nonsense")
    assert languages_in([folder]) == ["en"]
    assert "xx-nonsense" in caplog.text


def test_translators_find_their_files_where_wheels_have_them() -> None:
    assert catalog_file(ROOT / "templates", "lt") == ROOT / "templates/locale/lt/LC_MESSAGES/messages.po"
