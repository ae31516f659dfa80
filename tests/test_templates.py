"""Templates and static files: they compile, and nothing in them needs a hole in the content security policy."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

pytestmark = pytest.mark.nodb

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = [path for path in sorted((ROOT / "static").rglob("*")) if path.suffix in (".css", ".js", ".svg", ".html")]
OURS = [path for path in STATIC if "vendor" not in path.parts]
# Names of formats, not addresses that anybody fetches.
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/1998/Math/MathML", "http://www.w3.org/1999/xhtml")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def by_file(paths):
    return pytest.mark.parametrize("path", paths, ids=named)


def html(path: Path) -> str:
    """A template as HTML: without Django's comments and tags."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", text, flags=re.S)
    return re.sub(r"{%.*?%}", " ", text, flags=re.S)


class Tags(HTMLParser):
    """What a browser would refuse under the policy: (line, what)."""

    ATTRIBUTES = ("src", "href", "action", "formaction", "data", "poster", "srcset", "xlink:href")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.refused: list[tuple[int, str]] = []
        self.in_script = False

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in ("style", "iframe", "object", "embed", "base"):
            self.note(f"<{tag}>")
        if tag == "script" and given.get("type") != "application/json":
            self.in_script = True
            if "src" not in given:
                self.note("<script> without src")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.note(f"{name}=")
            if name in self.ATTRIBUTES and re.match(r"\s*(https?:|//|javascript:|data:text)", value or "", re.I):
                self.note(f"{name}={value}")
            if name == "target" and value == "_blank" and "noopener" not in (given.get("rel") or ""):
                self.note("target=_blank without rel=noopener")

    def handle_endtag(self, tag):
        self.in_script = self.in_script and tag != "script"

    def handle_data(self, data):
        if self.in_script and data.strip():
            self.note("script in the page")

    def note(self, what):
        self.refused.append((self.getpos()[0], what))


def refused(text: str) -> list[tuple[int, str]]:
    reader = Tags()
    reader.feed(text)
    return reader.refused


@pytest.mark.parametrize(
    "bad",
    ['<p style="color:red">', '<a onclick="x()">', "<script>alert(1)</script>", '<script src="//cdn.example/x.js"></script>', "<style>p{}</style>",
     '<link rel="stylesheet" href="https://fonts.example/a.css">', '<a href="javascript:x()">', '<iframe src="/x/">', '<img src="http://example.org/x.png">',
     '<BODY ONLOAD="x">', '<form action="https://example.org/">', '<a href="/x/" target="_blank">'],
)  # fmt: skip
def test_the_check_itself_refuses(bad):
    assert refused(bad)


@pytest.mark.parametrize("good", ['<script defer src="/static/js/a.js"></script>', '<p class="style" data-on="x">', '<svg xmlns="http://www.w3.org/2000/svg"></svg>', '<a href="#main">'])
def test_the_check_itself_accepts(good):
    assert refused(good) == []


@by_file(TEMPLATES)
def test_a_template_needs_no_hole_in_the_policy(path):
    assert refused(html(path)) == []


@by_file(TEMPLATES)
def test_a_template_compiles(path):
    get_template(path.relative_to(ROOT / "templates").as_posix())


@by_file(TEMPLATES)
def test_what_a_template_names_exists(path):
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"""{%\s*(?:include|extends)\s+["']([^"']+)["']""", text):
        get_template(name)
    for name in re.findall(r"""{%\s*static\s+["']([^"']+)["']""", text):
        assert finders.find(name), name


@by_file(TEMPLATES)
def test_the_icons_that_a_template_names_are_drawn(path):
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/img/icons.svg").read_text(encoding="utf-8")))
    assert set(re.findall(r'{{ icons }}#([a-z_-]+)"', path.read_text(encoding="utf-8"))) <= drawn


@by_file(TEMPLATES)
def test_every_form_that_posts_has_its_token(path):
    for form in re.findall(r'<form\b[^>]*method="post".*?</form>', path.read_text(encoding="utf-8"), flags=re.S | re.I):
        assert "{% csrf_token %}" in form or "csrfmiddlewaretoken" in form


@by_file(TEMPLATES)
def test_nothing_a_person_typed_is_shown_unescaped(path):
    """``safe`` only behind text of our own: Django's help texts."""
    found = re.findall(r"{{[^}]*\|\s*safe[^}]*}}|{%\s*autoescape off", path.read_text(encoding="utf-8"))
    assert [each for each in found if "help_text" not in each] == []


@by_file([path for path in STATIC if path in OURS or path.suffix == ".css"])
def test_a_static_file_fetches_nothing_from_elsewhere(path):
    text = path.read_text(encoding="utf-8")
    if "vendor" in path.parts or path.suffix in (".css", ".js"):
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)  # licence comments
        text = re.sub(r"^\s*//.*$", "", text, flags=re.M)
    for namespace in NAMESPACES:
        text = text.replace(namespace, "")
    wrong = re.findall(r"""(?:url\(\s*["']?|@import\s+["']?|["'`(=]\s*)((?:https?:)?//[\w.-]+\.[a-z]{2,}[^\s"'`)]*)""", text)
    assert wrong == []


@by_file([path for path in OURS if path.suffix == ".js"])
def test_our_scripts_evaluate_no_text(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\beval\(|new Function\(|\.innerHTML\s*=|insertAdjacentHTML|document\.write|\.style\.\w+\s*=|setAttribute\(\s*[\"']style|set(?:Timeout|Interval)\(\s*[\"'`]", text)


@by_file([path for path in STATIC if path.suffix in (".css", ".js")])
def test_no_map_is_named_that_is_not_there(path):
    assert "sourceMappingURL" not in path.read_text(encoding="utf-8")


@by_file([path for path in STATIC if path.suffix == ".css"])
def test_what_a_style_sheet_names_exists(path):
    for name in re.findall(r"""url\(\s*["']?([^"')]+)""", path.read_text(encoding="utf-8")):
        if not name.startswith(("data:", "#")):
            assert (path.parent / name.split("#")[0].split("?")[0]).exists(), name


@by_file([path for path in OURS if path.suffix == ".svg"])
def test_a_picture_holds_no_script(path):
    assert not re.search(r"<script|\son\w+=|javascript:", path.read_text(encoding="utf-8"), re.I)


def test_every_template_that_a_view_names_exists():
    pattern = re.compile(r"""["']((?:[a-z_]+/)*[a-z_0-9]+\.html)["']""")
    skip = {".venv", "tests", "staticfiles"}
    named_by = {name: named(path) for path in ROOT.glob("*/**/*.py") if not skip & set(path.relative_to(ROOT).parts)
                for name in pattern.findall(path.read_text(encoding="utf-8"))}  # fmt: skip
    assert len(named_by) > 10
    for name in named_by:
        get_template(name)
