"""Our CTCAE grades against those of pharmaverse/admiral's rules (Apache-2.0), over every limit and both its sides.

The rules are R expressions in a file that lies beside the repository and is not part of it; they are read here by a small
interpreter. Where the two differ, a row of ``DIFFERENCES`` says who reads CTCAE how; a difference without a row fails, and so
does a row without a difference. Without the file there is nothing to compare with, and these tests are not collected.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import pytest

from protocol.ctcae_criteria import CRITERIA
from protocol.ctcae_lab import grades
from protocol.laboratory import TESTS
from protocol.laboratory_tests import decimal_of
from tests.protocol.grading import lab
from tests.protocol.test_reference import SHARED

RULES = SHARED / "data" / "ctcae" / "ctcae_v5_lab_rules_admiral.json"

# A small interpreter of R ----------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\s*(%in%|<=|>=|[<>!&|+*(),~-]|\"[^\"]*\"|[0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z_.0-9]*)")


def tokens(text):
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match, f"not read: {text[at:]}"
        found.append(match[1])
        at = match.end()
    return found


class Expression:
    """Recursive descent over the tokens of one rule; NA is None, and logic is three-valued as in R."""

    def __init__(self, text, variables):
        self.left, self.variables = tokens(text), variables

    def peek(self):
        return self.left[0] if self.left else ""

    def take(self, *expected):
        assert not expected or self.peek() in expected, (expected, self.left)
        return self.left.pop(0)

    def cases(self):
        """The value of the first case whose condition is true, else the word 'none'."""
        answer = "none"
        while self.left:
            holds = self.either()
            self.take("~")
            value = self.take()
            if holds is True and answer == "none":
                answer = None if value == "NA_character_" else value.strip('"')
            if self.left:
                self.take(",")
        return answer

    def either(self):
        answer = self.both()
        while self.peek() == "|":
            self.take()
            other = self.both()
            answer = True if True in (answer, other) else None if None in (answer, other) else False
        return answer

    def both(self):
        answer = self.negation()
        while self.peek() == "&":
            self.take()
            other = self.negation()
            answer = False if False in (answer, other) else None if None in (answer, other) else True
        return answer

    def negation(self):
        if self.peek() == "!":
            self.take()
            answer = self.negation()
            return None if answer is None else not answer
        return self.comparison()

    def comparison(self):
        first = self.sum()
        operator = self.peek()
        if operator not in ("<", "<=", ">", ">=", "%in%"):
            return first
        self.take()
        second = self.sum()
        if operator == "%in%":
            return first == second
        if first is None or second is None:
            return None
        return {"<": first < second, "<=": first <= second, ">": first > second, ">=": first >= second}[operator]

    def sum(self):
        total = self.product()
        while self.peek() == "+":
            self.take()
            other = self.product()
            total = None if None in (total, other) else total + other
        return total

    def product(self):
        total = self.atom()
        while self.peek() == "*":
            self.take()
            other = self.atom()
            total = None if None in (total, other) else total * other
        return total

    def atom(self):
        token = self.take()
        if token == "-":
            return -self.atom()
        if token == "(":
            inner = self.either()
            self.take(")")
            return inner
        if token in ("is.na", "signif"):
            self.take("(")
            inner = self.either()
            if token == "signif":  # 15 digits: rounds away what binary fractions add, and our numbers are exact
                self.take(",")
                self.take("signif_dig")
            self.take(")")
            return inner is None if token == "is.na" else inner
        if token[0].isdigit():
            return Fraction(token)
        return self.variables[token]


def theirs(rule, **variables):
    """The grade by the rule: the missing case first, then the worst grade down; '0' when nothing holds, None for NA."""
    known = {"high_indicator": "HIGH", **variables}
    for part in ("NA", 4, 3, 2, 1):
        if code := rule.get(f"GRADE_{part}_CODE"):
            answer = Expression(code, known).cases()
            if answer != "none":
                return answer
    return "0"


@pytest.mark.parametrize(("code", "variables", "answer"), [
    ('A < 2 ~ "1"', {"A": 1}, "1"), ('A < 2 ~ "1"', {"A": 2}, "none"), ('A < 2 ~ "1"', {"A": None}, "none"),
    ('is.na(A) ~ NA_character_, A > 2 ~ "1"', {"A": None}, None), ('is.na(A) ~ NA_character_, A > 2 ~ "1"', {"A": 3}, "1"),
    ('!is.na(B) & A > 2*B ~ "3"', {"A": 5, "B": 2}, "3"), ('!is.na(B) & A > 2*B ~ "3"', {"A": 5, "B": None}, "none"),
    ('!(N %in% high_indicator) & A > 1 ~ "4",  N %in% high_indicator & A > 9 ~ "2"', {"A": 10, "N": "HIGH", "high_indicator": "HIGH"}, "2"),
    ('!(N %in% high_indicator) & A > 1 ~ "4"', {"A": 10, "N": None, "high_indicator": "HIGH"}, "4"),
    ('signif(A, signif_dig) > signif(B + 40, signif_dig) ~ "3"', {"A": 61, "B": 20}, "3"), ('P <=  -75 ~ "4"', {"P": -75}, "4"),
    ('is.na(A) | is.na(B) ~ NA_character_', {"A": 1, "B": None}, None), ('A >= 1.5*B ~ "1"', {"A": Fraction(3), "B": 2}, "1"),
])  # fmt: skip
def test_the_interpreter(code, variables, answer):
    assert Expression(code, variables).cases() == answer


# The points of comparison ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A result with its limits and baseline, in the standard unit."""

    term: str
    value: Fraction
    low: Fraction | None
    high: Fraction | None
    base: Fraction | None

    @property
    def fallen(self):
        """Change from baseline in per cent."""
        return (self.value - self.base) / self.base * 100 if self.base else None


# Usual limits of normal, so that they lie on the right side of the fixed limits.
RANGES = {"HGB": (120, 160), "WBC": (4, 10), "NEUT": ("1.8", 7), "LYM": (1, "3.5"), "PLAT": (150, 400), "SODIUM": (135, 145), "K": ("3.5", 5),
          "CA": ("2.2", "2.6"), "MG": ("0.7", "1.05"), "GLUC": ("3.9", "5.6"), "ALB": (35, 50), "INR": ("0.8", "1.2"), "FIBRINO": (2, 4)}  # fmt: skip


def cases(rule, criterion):
    """Limits known and not; baseline none, normal and abnormal; and every limit that can follow from them, with both sides."""
    low, high = (Fraction(each) for each in RANGES.get(criterion.test, (20, 40)))
    bases = (None, (low + high) / 2, high, high * Fraction(5, 2), low * Fraction(4, 5)) if "BASE" in str(rule) or "PCHG" in str(rule) else (None,)
    numbers = {Fraction(each) for each in re.findall(r"[0-9]+(?:\.[0-9]+)?", "".join(v for k, v in rule.items() if k.endswith("_CODE")))}
    factors = numbers | {Fraction(1), *(1 - each / 100 for each in numbers if each < 100)}
    for known_low, known_high, base in itertools.product((low, None), (high, None), bases):
        references = [each for each in (low, high, base) if each]
        edges = numbers | {each * factor for each in references for factor in factors} | {high + each for each in numbers}
        for edge, step in itertools.product(edges, (-1, 0, 1)):
            value = edge + Fraction(step, 10000)
            if value >= 0:
                yield Case(criterion.term, value, known_low, known_high, base)


def of_theirs(rule, case):
    above = None if case.base is None or case.high is None else "HIGH" if case.base > case.high else "NORMAL"
    return theirs(rule, AVAL=case.value, ANRLO=case.low, ANRHI=case.high, BASE=case.base, BNRIND=above, PCHG=case.fallen)


def of_ours(criterion, case):
    def reading(number):
        # digits enough that the number is exact, whatever a grouping of three would mean
        text = f"{decimal_of(number):.6f}"
        assert Fraction(text) == number
        return lab(criterion.test, text, low=str(decimal_of(case.low)) if case.low else "", high=str(decimal_of(case.high)) if case.high else "")

    baseline = reading(case.base) if case.base else None
    found = grades(reading(case.value), baseline=baseline, at_baseline=baseline is None, albumin=lab("ALB", "40"), anticoagulated=False)
    return next(each for each in found if each.term == criterion.term).grade


# The differences -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """Where the two may differ: their grade, ours (None: open), for which cases, and why ours stands."""

    term: str
    theirs: str | None
    ours: str | None
    of: Callable[[Case], bool]
    why: str


_WORST = "They take the worst case, with symptoms; the number alone supports the lower grade, and a note names the other."
DIFFERENCES = [
    Difference("Hyponatremia", "3", "2", lambda c: 125 <= c.value <= 129, _WORST),
    Difference("Hyponatremia", "1", "2", lambda c: 129 < c.value < 130,
               "CTCAE prints whole numbers; they put what lies between 129 and 130 with the better band, we with the worse."),
    Difference("Hyponatremia", None, "2", lambda c: 129 < c.value < 130 and c.low is None, "The same; ours needs no lower limit of normal for it."),
    Difference("Hypokalemia", "2", "1", lambda c: 3 <= c.value < c.low, _WORST),
    *(Difference(term, by_them, by_us, lambda c, past=past: c.value > past * c.high, _WORST)
      for term in ("Lipase increased", "Serum amylase increased") for by_them, by_us, past in (("3", "2", 2), ("4", "3", 5))),
    Difference("Hyperuricemia", "3", "1", lambda c: c.value > c.high, _WORST),
    Difference("GGT increased", "0", "1", lambda c: c.value == 2 * c.base, "CTCAE prints '2.0 - 2.5 x baseline', so exactly twice is inside."),
    Difference("Creatinine increased", "3", None, lambda c: c.high is None and c.value > 3 * c.base,
               "Without the upper limit of normal it may also be over 6 times that, grade 4."),
    Difference("Creatinine increased", "2", None, lambda c: c.high is None and c.base is not None and c.value > c.base * Fraction(3, 2),
               "Without the upper limit of normal it may also be over 3 or 6 times that."),
    *(Difference("INR increased", by_them, by_us, lambda c: c.base is not None,
                 "They take the worst of the fixed limits and of the multiples of baseline; CTCAE has the multiples only 'if on "
                 "anticoagulation', and these patients are not.")
      for by_them, by_us in (("1", "0"), ("2", "0"), ("2", "1"), ("3", "2"))),
    Difference("INR increased", None, "0", lambda c: c.base is None and c.value <= Fraction("1.2"), "Off an anticoagulant no baseline is needed."),
    *(Difference("Fibrinogen decreased", by_them, by_us, lambda c: c.base < c.low and c.value < c.low,
                 "'If abnormal' is read of the baseline, as in the terms beside it: then the decrease from baseline counts instead of "
                 "the multiples of the lower limit; they take the worse of the two.")
      for by_them, by_us in (("1", "0"), ("2", "1"), ("3", "2"))),
    *(Difference("Fibrinogen decreased", by_them, by_us, lambda c: c.base >= c.low,
                 "The same reading: the baseline was normal, so the multiples of the lower limit count and the decrease does not.")
      for by_them, by_us in (("2", "1"), ("3", "1"), ("3", "2"), ("4", "1"), ("4", "2"), ("4", "3"))),
]  # fmt: skip


def explained(case, by_them, by_us):
    for row in DIFFERENCES:
        if (row.term, row.theirs, row.ours) == (case.term, by_them, by_us):
            try:
                if row.of(case):
                    return row
            except TypeError:  # it needs a number that this case has not
                continue
    return None


if RULES.exists():

    def pairs():
        listed = {rule["TERM"]: rule for rule in json.loads(RULES.read_text(encoding="utf-8"))}
        return [(listed[each.term], each) for each in CRITERIA if each.term in listed]

    @pytest.mark.parametrize(("rule", "criterion"), pairs(), ids=lambda each: f"{each.term} ({each.test})" if hasattr(each, "test") else "")
    def test_grades_are_those_of_admiral_or_the_difference_is_explained(rule, criterion):
        unexplained, used, points = [], set(), 0
        for case in cases(rule, criterion):
            by_them, by_us = of_theirs(rule, case), of_ours(criterion, case)
            points += 1
            if by_them != by_us:
                row = explained(case, by_them, by_us)
                used.add(row)
                if row is None:
                    unexplained.append((case, by_them, by_us))
        assert unexplained == [], len(unexplained)
        assert points > 30
        assert {row for row in DIFFERENCES if row.term == criterion.term} == used

    def test_every_rule_for_a_test_of_the_trial_is_compared():
        """What is not compared is for tests that the trial does not collect; what admiral has no rule for is graded by us alone."""
        listed = {rule["TERM"] for rule in json.loads(RULES.read_text(encoding="utf-8"))}
        assert listed - {each.term for each in CRITERIA} == {
            "CD4 lymphocytes decreased", "Cholesterol high", "CPK increased", "Haptoglobin decreased", "Acidosis", "Alkalosis", "Hypercalcemia (Ionized)", "Hypocalcemia (Ionized)", "Hypertriglyceridemia",
        }  # fmt: skip
        assert {each.term for each in CRITERIA} - listed == {
            "Chronic kidney disease", "Eosinophilia", "Thyroid stimulating hormone increased",
        }  # fmt: skip

    def test_their_units_are_our_standard_units():
        for rule, criterion in pairs():
            unit = rule.get("UNIT_CHECK", "").lower()
            assert unit in ("", TESTS[criterion.test].unit.lower())
