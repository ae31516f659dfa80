"""A safety report on paper, in the order of the numbered fields of the CIOMS I form (1 to 25). The layout is our own.

Page 1 is the form. What does not fit its box goes on in full on the pages after it, field by field, and so do the fields that
nothing can fill. No identity: field 1 has the patient's number, field 2 says that the birth date is no part of a report.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from adverse_events import icsr_words as words
from protocol.codelists import ActionTaken, Sex
from protocol.icsr import DRUG, EU_TRIAL_NUMBER, REGISTRY_NUMBER, SPONSOR, SPONSOR_STUDY, STUDY_NAME, Icsr

FONTS = Path(__file__).parent / "fonts"
PLAIN, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
WIDTH, HEIGHT, MARGIN = 595.28, 841.89, 34.0
INNER, GAP = WIDTH - 2 * MARGIN, 3.0
LABEL, SIZE, HEAD = 5.6, 7.6, 7.4
TOP, BOTTOM = HEIGHT - 66, 44.0
YES, NO = "\u2612\u00a0", "\u2610\u00a0"
NOT_ASKED = "Not asked on the forms of this trial."


@dataclass(frozen=True)
class Box:
    """A field of the form: its number and label, its text, and where it stands (points, from the upper left corner of the form)."""

    label: str
    text: str
    x: float
    y: float
    width: float
    height: float


def pdf(report: Icsr) -> bytes:
    """The form as PDF; the same facts give the same bytes."""
    from reportlab.pdfgen.canvas import Canvas

    _fonts()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
    canvas.setTitle(f"CIOMS I {report.report_id}")
    canvas.setAuthor("START-lung eCRF")
    canvas.setSubject(f"{SPONSOR_STUDY}, {report.subject.number}, adverse event {report.event.row}")
    pages = _pages(report)
    for number, page in enumerate(pages, start=1):
        _frame(canvas, report, number, len(pages))
        for box in page.boxes:
            canvas.setLineWidth(0.5)
            canvas.rect(box.x, TOP - box.y - box.height, box.width, box.height)
        for lines in page.drawn:
            lines.draw(canvas)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def file_name(report: Icsr) -> str:
    return f"CIOMS-I_{report.report_id}_{report.file_part}.pdf"


# What stands in the fields --------------------------------------------------------------------------------------------------


def boxes(report: Icsr) -> list[Box]:
    """The fields of the form with their text, laid out on the first page."""
    return [*_reaction(report), *_suspect(report), *_beside(report), *_sender(report)]


def _reaction(report: Icsr) -> list[Box]:
    subject, event = report.subject, report.event
    sex = next((each.label for each in Sex if each.value == subject.sex), words.UNKNOWN)
    onset = str(event.began.day).split("-") if event.began else []  # the year alone, month and year, or all three
    day, month, year = [*["–"] * (3 - len(onset)), *onset]
    left = INNER * 0.72
    row = (("1. PATIENT INITIALS", f"Masked. Patient number {subject.number}", 0.24), ("1a. COUNTRY", subject.country, 0.10),
           ("2. DATE OF BIRTH", "Masked: no part of a report", 0.21), ("2a. AGE (years)", words.age(report), 0.12),
           ("3. SEX", sex, 0.11), ("4–6. REACTION ONSET", f"day {day}, month {month}, year {year}", 0.22))  # fmt: skip
    made, x = [], MARGIN
    for label, text, share in row:
        made.append(Box(label, text, x, 12, left * share, 36))
        x += left * share
    made.append(Box("7 + 13. DESCRIBE REACTION(S) (including relevant tests/lab data)", described(report), MARGIN, 48, left, 248))
    made.append(Box("8–12. CHECK ALL APPROPRIATE TO ADVERSE REACTION", _ticks(report), MARGIN + left, 12, INNER - left, 284))
    return made


def described(report: Icsr) -> str:
    """Fields 7 and 13: the site's narrative, the course as entered, and results outside their range."""
    tests = [words.test(each) for each in report.tests] or ["None outside its range in the time of the event, as far as entered."]
    return "\n".join([words.narrative(report), "", "Results outside the laboratory's range:", *tests])


def _ticks(report: Icsr) -> str:
    """Every criterion with its box; nothing is ticked that the investigator has not said."""
    shown = {"is_death": "PATIENT DIED", "is_hospitalisation": "INVOLVED OR PROLONGED INPATIENT HOSPITALISATION",
             "is_disability": "INVOLVED PERSISTENT OR SIGNIFICANT DISABILITY OR INCAPACITY", "is_life_threatening": "LIFE THREATENING",
             "is_congenital": "CONGENITAL ANOMALY OR BIRTH DEFECT", "is_medically_important": "OTHER MEDICALLY IMPORTANT EVENT"}  # fmt: skip
    lines = [f"{YES if name in report.event.criteria else NO}{text}" for name, text in shown.items()]
    if report.death:
        lines += ["", words.death(report.death)]
    return "\n".join(lines)


def _suspect(report: Icsr) -> list[Box]:
    wide, start = INNER * 0.72, 310.0
    narrow = INNER - wide
    given = report.given
    lots = "; ".join(dict.fromkeys(lot for dose in given for lot in dose.lots)) or words.UNKNOWN
    per_dose = "\n".join(words.dose(each) for each in report.doses) or "No dose is entered."
    amounts = "; ".join(dict.fromkeys(f"{words.number(each.dose_mg)} mg" for each in given if each.dose_mg is not None)) or words.UNKNOWN
    return [
        Box("14. SUSPECT DRUG(S) (include generic name)", f"{DRUG} (generic name), investigational medicinal product. Lots: {lots}", MARGIN, start, wide, 32),
        Box("20. DID REACTION ABATE AFTER STOPPING DRUG?", _abated(report), MARGIN + wide, start, narrow, 64),
        Box("15. DAILY DOSE(S)", f"{amounts}, one dose a day of treatment", MARGIN, start + 32, wide * 0.5, 32),
        Box("16. ROUTE(S) OF ADMINISTRATION", words.ROUTE, MARGIN + wide * 0.5, start + 32, wide * 0.5, 32),
        Box("21. DID REACTION REAPPEAR AFTER REINTRODUCTION?", f"{NO}YES {NO}NO {NO}NA\n{NOT_ASKED}", MARGIN + wide, start + 64, narrow, 84),
        Box("17. INDICATION(S) FOR USE", words.INDICATION, MARGIN, start + 64, wide, 26),
        Box("18. THERAPY DATES (from/to), every dose with amount and lot", per_dose, MARGIN, start + 90, wide * 0.76, 58),
        Box("19. THERAPY DURATION", _duration(report), MARGIN + wide * 0.76, start + 90, wide * 0.24, 58),
    ]


def _abated(report: Icsr) -> str:
    """Not applicable where tarlatamab was not stopped; otherwise nobody was asked, and nothing is concluded."""
    action = report.event.action_taken
    stopped = action in (ActionTaken.INTERRUPTED, ActionTaken.WITHDRAWN)
    na = bool(action) and not stopped and action != ActionTaken.UNKNOWN
    said = f"Action taken: {words.label(ActionTaken, action).lower()}." + ("" if na else f" {NOT_ASKED}")
    return f"{NO}YES {NO}NO {YES if na else NO}NA\n{said}"


def _duration(report: Icsr) -> str:
    days = [each.began.day.known for each in report.given if each.began and each.began.day.known]
    if not days:
        return words.UNKNOWN
    count = (max(days) - min(days)).days + 1
    return f"{len(report.given)} {'dose' if len(report.given) == 1 else 'doses'} in {count} {'day' if count == 1 else 'days'}"


def _beside(report: Icsr) -> list[Box]:
    start = 472.0
    drugs = "\n".join(words.drug(each) for each in report.drugs if not each.treats) or "None is entered."
    history = "\n".join(words.condition(each) for each in report.history) or "None is entered."
    return [
        Box("22. CONCOMITANT DRUG(S) AND DATES OF ADMINISTRATION (exclude those used to treat reaction)", drugs, MARGIN, start, INNER, 72),
        Box("23. OTHER RELEVANT HISTORY (e.g. diagnostics, allergies, pregnancy)", history, MARGIN, start + 72, INNER, 84),
    ]


def _sender(report: Icsr) -> list[Box]:
    half, start = INNER / 2, 642.0
    initial = report.is_initial
    about = f"{SPONSOR}, sponsor of {STUDY_NAME} ({EU_TRIAL_NUMBER}, {REGISTRY_NUMBER}). Address: to be supplied."
    source = f"{YES}STUDY {NO}LITERATURE {YES if report.reporter.role else NO}HEALTH\u00a0PROFESSIONAL"
    kind = f"{YES if initial else NO}INITIAL {NO if initial else YES}FOLLOW-UP\n{report.edition.capitalize()}"
    return [
        Box("24a. NAME AND ADDRESS OF MANUFACTURER (here: sponsor)", about, MARGIN, start, half, 44),
        Box("24b. MFR CONTROL NO.", report.report_id, MARGIN + half, start, half / 2, 44),
        Box("24c. DATE RECEIVED BY MANUFACTURER", words.instant(report.first_received), MARGIN + half * 1.5, start, half / 2, 44),
        Box("24d. REPORT SOURCE", f"{source}\n{report.reporter.site_name}, {report.reporter.city}", MARGIN, start + 44, half, 44),
        Box("DATE OF THIS REPORT", words.instant(report.as_of), MARGIN + half, start + 44, half / 2, 44),
        Box("25a. REPORT TYPE", kind, MARGIN + half * 1.5, start + 44, half / 2, 44),
    ]


SECTIONS = (("I. REACTION INFORMATION", 0.0), ("II. SUSPECT DRUG(S) INFORMATION", 298.0), ("III. CONCOMITANT DRUG(S) AND HISTORY", 460.0),
            ("IV. MANUFACTURER INFORMATION", 630.0))  # fmt: skip


ALWAYS_UNFILLED = (
    "CIOMS 1, 2 Initials and date of birth: masked, never part of a report",
    "CIOMS 20, 21 Whether it abated and reappeared: not asked on the forms of this trial",
    "CIOMS 24a Address of the sponsor: to be supplied",
)


def unfilled(report: Icsr) -> list[str]:
    """What the form has a field for and cannot be filled."""
    return [*(f"Not entered: {each}" for each in report.missing), *ALWAYS_UNFILLED]


# Pages ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lines:
    """Lines of text in one font; ``x`` and ``top`` are where the first begins."""

    lines: tuple[str, ...]
    font: str
    size: float
    x: float
    top: float

    @property
    def height(self) -> float:
        return len(self.lines) * leading(self.size)

    def draw(self, canvas) -> None:
        text = canvas.beginText(self.x, self.top - self.size)
        text.setFont(self.font, self.size, leading(self.size))
        text.textLines("\n".join(self.lines), trim=0)
        canvas.drawText(text)


@dataclass
class _Page:
    drawn: list[_Lines] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    def put(self, text: str, font: str, size: float, x: float, top: float, width: float, room: float) -> tuple[float, str]:
        """As many whole lines of a text as there is room for; how high they are, and the text that is left."""
        most, kept, end = max(int(room / leading(size)), 0), [], 0
        for line, end_of_line in wrap(text, font, size, width):
            if len(kept) == most:
                break
            kept.append(line)
            end = end_of_line
        lines = _Lines(tuple(kept), font, size, x, top)
        self.drawn.append(lines)
        return lines.height, text[end:]


def leading(size: float) -> float:
    """From one line to the next."""
    return size * 1.24


def wrap(text: str, font: str, size: float, width: float) -> Iterator[tuple[str, int]]:
    """Lines no wider than ``width``, broken at blanks, or inside a word that is longer than a line; each with where the rest begins."""
    widths, limit, start = _widths(font), width * 1000 / size, 0
    while start < len(text):
        at, taken, blank = start, 0.0, -1
        while at < len(text) and text[at] != "\n":
            taken += widths.get(ord(text[at]), 1000)
            if taken > limit and at > start:
                break
            blank = at if text[at] == " " else blank
            at += 1
        over = at < len(text) and text[at] not in " \n"
        line = blank if over and blank > start else at
        yield text[start:line], (line if over and blank <= start else line + 1)
        start = line if over and blank <= start else line + 1


def _pages(report: Icsr) -> list[_Page]:
    """The form, and what flows on from it."""
    strange: set[str] = set()
    first, rest = _Page(), []
    for title, y in SECTIONS:
        first.put(title, BOLD, HEAD, MARGIN, TOP - y - 1, INNER, 20)
    for box in boxes(report):
        first.boxes.append(box)
        left = _fill(first, box, _printable(box.text, strange))
        if left:
            rest.append((box.label, left))
    rest.append(("WHAT IS NOT FILLED, AND WHY", _printable("\n".join(unfilled(report)), strange)))
    if strange:
        named = ", ".join(f"U+{ord(sign):04X}" for sign in sorted(strange)[:60])
        rest.append(("SIGNS THAT THIS PRINT HAS NO LETTER FOR", f"They stand as \ufffd: {named}{' …' if len(strange) > 60 else ''}"))
    return [first, *_flow(rest)]


def _fill(page: _Page, box: Box, text: str) -> str:
    """Draw a box's label and as much of its text as fits; what is left."""
    x, top, width = box.x + GAP, TOP - box.y - 2, box.width - 2 * GAP
    tall, _ = page.put(box.label, BOLD, LABEL, x, top, width, box.height)
    room = box.height - tall - 6
    needed = sum(1 for _ in wrap(text, PLAIN, SIZE, width)) * leading(SIZE)
    if needed <= room:
        page.put(text, PLAIN, SIZE, x, top - tall - 1, width, room)
        return ""
    low, _ = page.put("→ continued on the pages that follow", BOLD, LABEL, x, TOP - box.y - box.height + leading(LABEL) + 1, width, 20)
    _, left = page.put(text, PLAIN, SIZE, x, top - tall - 1, width, room - low)
    return left


def _flow(rest: Sequence[tuple[str, str]]) -> list[_Page]:
    """Fields that go on, one after the other, over as many pages as they need."""
    pages, y = [_Page()], TOP
    for label, left in rest:
        if y < BOTTOM + 60:
            pages.append(_Page())
            y = TOP
        y -= pages[-1].put(label, BOLD, HEAD, MARGIN, y, INNER, 40)[0] + 2
        while left:
            used, left = pages[-1].put(left, PLAIN, SIZE, MARGIN, y, INNER, y - BOTTOM)
            y -= used
            if left:
                pages.append(_Page())
                y = TOP
        y -= 10
    return pages


def _frame(canvas, report: Icsr, number: int, count: int) -> None:
    """What stands on every page."""
    canvas.setFont(BOLD, 12)
    canvas.drawString(MARGIN, HEIGHT - 42, "SUSPECT ADVERSE REACTION REPORT")
    canvas.setFont(PLAIN, 7)
    canvas.drawString(MARGIN, HEIGHT - 54, "In the order of the CIOMS I form; the layout is that of the START-lung eCRF. No identity of the patient.")
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 42, f"{report.report_id}, {report.edition}")
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 54, f"Facts as of {words.instant(report.as_of)}")
    canvas.drawString(MARGIN, 28, f"{STUDY_NAME} · patient {report.subject.number} · adverse event {report.event.row}")
    canvas.drawRightString(WIDTH - MARGIN, 28, f"Page {number} of {count}")


def _printable(text: str, strange: set[str]) -> str:
    """Text as the fonts can print it; a sign without a letter is put into ``strange`` and stands as U+FFFD."""
    known = _widths(PLAIN).keys() & _widths(BOLD).keys()
    clear = re.sub(r"\r\n?|[\u2028\u2029\x85]", "\n", text).expandtabs(4)
    strange.update(sign for sign in clear if sign != "\n" and ord(sign) not in known)
    return "".join(sign if sign == "\n" or ord(sign) in known else "\ufffd" for sign in clear).strip("\n")


@cache
def _widths(font: str) -> dict[int, float]:
    """The width of every sign that a font can print, for 1000 points of size."""
    from reportlab.pdfbase import pdfmetrics

    _fonts()
    face = pdfmetrics.getFont(font).face
    return {code: face.charWidths.get(code, face.defaultWidth) for code in face.charToGlyph if code >= 0x20}


@cache
def _fonts() -> None:
    """DejaVu for Greek and accents: it is embedded, so that every reader shows the same."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))
