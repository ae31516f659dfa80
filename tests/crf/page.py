"""The page of a record as a browser has it: what its inputs hold, what it says, and posting it again with other answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.urls import reverse


@dataclass
class Read(HTMLParser):
    """What stands in the form of a page: values of its inputs by name, findings as (where, rule, severity, text)."""

    form_id: str = "crf-form"
    data: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    findings: list[tuple[str, str, str, str]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._inside, self._question, self._select, self._area = False, "", "", ""
        self._finding: list | None = None

    def handle_starttag(self, tag: str, attrs) -> None:
        at = {name: value or "" for name, value in attrs}
        css = at.get("class", "").split()
        if tag == "form":
            self._inside = at.get("id") == self.form_id or self.form_id == "*"
        if "data-field" in at:
            self._question = at["data-field"]
        if "summary" in css:
            self._question = "summary"
        if "data-rule" in at and "finding" in css:
            self._finding = [self._question, at["data-rule"], at["data-severity"], ""]
        if not self._inside or at.get("form"):
            return
        name = at.get("name", "")
        if tag == "input" and name and at.get("type") not in ("submit", "button"):
            self.names.add(name)
            if at.get("type") not in ("radio", "checkbox") or "checked" in at:
                self.data.setdefault(name, []).append(at.get("value", ""))
        elif tag == "select" and name:
            self._select = name
            self.names.add(name)
            self.data.setdefault(name, [])
        elif tag == "option" and self._select and "selected" in at:
            self.data[self._select].append(at.get("value", ""))
        elif tag == "textarea" and name:
            self._area = name
            self.names.add(name)
            self.data.setdefault(name, [""])

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
        elif tag == "div" and self._finding:
            self.findings.append((*self._finding[:3], " ".join(self._finding[3].split())))
            self._finding = None

    def handle_data(self, data: str) -> None:
        if self._area:  # a browser passes over the line break after the tag
            known = self.data[self._area][0]
            self.data[self._area] = [known + data] if known else [data.removeprefix("\n")]
        if self._finding:
            self._finding[3] += data
        self.text.append(data)

    @property
    def shown(self) -> str:
        return " ".join("".join(self.text).split())

    def rules(self, where: str = "") -> set[str]:
        """Ids of the findings shown on the page, or at one field ('summary': in the summary)."""
        return {rule for place, rule, _, _ in self.findings if not where or place == where}


def read(response, form_id: str = "crf-form") -> Read:
    page = Read(form_id)
    page.feed(response.content.decode())
    return page


class Page:
    """The page of one record, opened by one person."""

    def __init__(self, world, user, patient, code: str, slot: str) -> None:
        self.world, self.code = world, code
        self.client = world.client(user)
        self.url = reverse("record", args=[patient.number, code, slot])
        self.open()

    def open(self) -> Read:
        self.response = self.client.get(self.url)
        assert self.response.status_code == 200, self.response.status_code
        self.read = read(self.response)
        return self.read

    def fill(self, **answers) -> Page:
        """Type answers: dates as ISO text, '' to clear; a radio group is cleared by sending nothing for it."""
        from crf import registry

        for name, value in self.world.typed(registry.form(self.code), answers).items():
            if value in ("", []):
                self.read.data.pop(name, None)
                if name in self.read.names and name not in self.radios:
                    self.read.data[name] = [""]
            else:
                self.read.data[name] = list(value) if isinstance(value, list | tuple) else [str(value)]
        return self

    @property
    def radios(self) -> set[str]:
        from django.forms import RadioSelect

        from crf import registry
        from crf.forms import form_for

        return {n for n, f in form_for(registry.form(self.code)).base_fields.items() if isinstance(f.widget, RadioSelect)}

    def post(self, action: str = "submit", **more):
        """Click a button; afterwards ``read`` is what the answer shows when it is a page."""
        self.response = self.client.post(self.url, {**self.read.data, "action": action, **more})
        if self.response.status_code != 302:
            self.read = read(self.response)
        return self.response
