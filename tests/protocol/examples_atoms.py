"""Examples of the rules that follow from the atoms: the tables once more, beside an answer on the checklist.

For each criterion: the query of each atom (SCR-I06a), the query of the whole (SCR-I06x), the question to the medical
reviewer (SCR-I06r, and SCR-I09s for the first dose), the gate of the program's result (SCR-G16), and the gate of the answer.
"""

from __future__ import annotations

import dataclasses

from protocol.atoms import ATOMS, NOT_FOR_ALL, REGISTRATION, Decision, atoms_of
from protocol.criteria import BY_ID, CRITERIA
from protocol.eligibility import CHECKLIST, NEVER_FOR_REVIEW, gate_id, review_id, rule_id
from protocol.engine import Case
from tests.protocol.atoms import LINES
from tests.protocol.atoms_inclusion import ALT, CR, HB
from tests.protocol.build import dm, ie
from tests.protocol.examples import Examples
from tests.protocol.lines import treated
from tests.protocol.screening_build import pt, rel, rp, whole

NOT_APPLICABLE = "NOT APPLICABLE"
AGAINST, SATISFIED = (Decision.NOT_MET, Decision.PRESENT), (Decision.MET, Decision.ABSENT)
# Criteria of several parts that never read the same record: one part of a table says nothing about the others.
INDEPENDENT = {"I0", "I7", "I8", "E1", "E9", "E13"}
THRESHOLDS = {"laboratory_thresholds": [each["laboratory_thresholds"][0] for each in (HB, CR, ALT)]}
EXAMPLES: dict[str, Examples] = {}


def good(criterion):
    return criterion.satisfied_by


def bad(criterion):
    return "NOT FULFILLED" if criterion.kind == "inclusion" else "PRESENT"


def answered(of, criterion, gate, answer):
    """The case with another answer to one criterion; None where there is no checklist."""
    form = CHECKLIST[gate].form
    if not of.of(form):
        return None
    changed = tuple(dataclasses.replace(each, **{criterion.field: answer}) for each in of.of(form))
    return Case(of.patient, of.clock, {**of.records, form: changed})


def _present(cases):
    return [each for each in cases if each is not None]


def beside(each):
    """The query of an atom: which answers differ from each line of its table."""
    criterion, gate = each.criterion, each.gate
    single = len(atoms_of(criterion, gate)) == 1
    fires, quiet = [], []
    for n, line in enumerate(line for line in LINES[each.rule] if not line.under):
        also = quiet if n % 5 == 0 else []  # of what is quiet for every line alike, every fifth
        yes, no, na, empty = (answered(line.of, criterion, gate, answer)
                              for answer in (good(criterion), bad(criterion), NOT_APPLICABLE, ""))
        also.append(empty)
        if line.verdict in AGAINST:
            fires.append(yes)
            also.append(no)
            (fires if criterion.id in NOT_FOR_ALL else also).append(na)
        elif line.verdict in SATISFIED:
            quiet.append(yes)
            (fires if single else also).append(no)
            (fires if n % 5 == 0 else []).append(na)
        elif line.verdict is Decision.NA and single:
            (fires if criterion.kind == "inclusion" else quiet).append(yes)
            fires.append(no)
            quiet.append(na)
        else:
            quiet.append(yes)
            also.append(no)
    return Examples(_present(fires), _present(quiet))


def of_whole(criterion, gate):
    """The query of the whole: every part is satisfied, and the answer is that the criterion is not."""
    fine = [whole(), whole(woman=True)]
    against = [line.of for each in atoms_of(criterion, gate) for line in LINES[each.rule] if not line.under
               and line.verdict not in (*SATISFIED, Decision.NA, Decision.NOT_COMPUTED)]  # fmt: skip
    fires = [answered(each, criterion, gate, bad(criterion)) for each in fine]
    quiet = [answered(each, criterion, gate, answer) for each in fine for answer in (good(criterion), NOT_APPLICABLE, "")]
    quiet += [answered(each, criterion, gate, bad(criterion)) for each in against]
    return Examples(_present(fires), _present(quiet), THRESHOLDS if criterion.id == "I5" else {})


def question(criterion, gate):
    """The question to the medical reviewer: a reading that is open, or a day that nobody knows."""
    lines = [line for each in atoms_of(criterion, gate) for line in LINES[each.rule] if line.alone and not line.under]
    return Examples([line.of for line in lines if line.for_review], [line.of for line in lines if not line.for_review])


def result(criterion, gate):
    """The gate of the program's result."""
    fires, quiet = [], [whole(), whole(woman=True)] if gate == REGISTRATION else []
    atoms = atoms_of(criterion, gate)
    for each in atoms:
        for line in LINES[each.rule]:
            if line.under or line.verdict is Decision.NOT_COMPUTED:
                continue
            if line.verdict in AGAINST or line.verdict in (Decision.UNDETERMINED, Decision.REVIEW):
                fires.append(line.of)
            elif len(atoms) == 1 or criterion.id in INDEPENDENT:
                quiet.append(line.of)
    return Examples(fires, quiet)


for _each in ATOMS:
    EXAMPLES[_each.rule] = beside(_each)
for _criterion in CRITERIA:
    for _gate in _criterion.gates:
        _atoms = atoms_of(_criterion, _gate)
        if len(_atoms) > 1:
            EXAMPLES[rule_id(_criterion, "x")] = of_whole(_criterion, _gate)
        if _atoms and _criterion.id not in NEVER_FOR_REVIEW:
            EXAMPLES[review_id(_criterion, _gate)] = question(_criterion, _gate)
        if _atoms:
            EXAMPLES[gate_id(_criterion, _gate)] = result(_criterion, _gate)

# Whom a criterion is about, where that is open: an answer 'not applicable' differs only when it is known to apply.
WOMAN = {"woman": True, "pt": None}
EXAMPLES["SCR-I09a"].fires.append(whole(ie=ie(i09=NOT_APPLICABLE), **WOMAN))
EXAMPLES["SCR-I09a"].quiet += [
    whole(ie=ie(i09=NOT_APPLICABLE), rp=rp(potential=""), **WOMAN),
    whole(ie=ie(i09=NOT_APPLICABLE), dm=dm("1985", ""), **WOMAN),
]  # fmt: skip
EXAMPLES["SCR-I09b"].fires.append(treated(rel=rel(i09=NOT_APPLICABLE), woman=True, pt=None))
EXAMPLES["SCR-I09b"].quiet.append(treated(rel=rel(i09=NOT_APPLICABLE), woman=True, pt=None, rp=rp(potential="")))
EXAMPLES["SCR-E17a"].fires.append(whole(ie=ie(e17=NOT_APPLICABLE), woman=True, rp=rp(pregnant="")))
EXAMPLES["SCR-E17a"].quiet.append(whole(ie=ie(e17=NOT_APPLICABLE), woman=True, rp=rp(pregnant=""), dm=dm("1985", "U")))
EXAMPLES["SCR-E18a"].fires.append(whole(ie=ie(e18=NOT_APPLICABLE), rp=rp(woman=False, willing="")))
EXAMPLES["SCR-E18a"].quiet.append(whole(ie=ie(e18=NOT_APPLICABLE), rp=rp(woman=False, sexually_active="")))

# Answers before the first dose
for _name, _id in {"SCR-G32": "I9", "SCR-G33": "E10", "SCR-G34": "E11", "SCR-G35": "E12"}.items():
    _criterion = BY_ID[_id]
    _field = _criterion.field
    _woman = {"woman": True, "pt": (pt(), pt("2026-06-14"))}
    EXAMPLES[_name] = Examples(
        [treated(rel=None, **_woman), treated(rel=rel(**{_field: ""}), **_woman),
         treated(rel=rel(**{_field: bad(_criterion)}), **_woman)],
        [treated(rel=rel(), **_woman), treated()],
    )
    EXAMPLES[_name].fires.append(treated(rel=rel(**{_field: NOT_APPLICABLE}), **_woman))

# The act of the release
EXAMPLES["SCR-G30"] = Examples([treated(rel=None)], [treated(), whole()])
EXAMPLES["SCR-G31"] = Examples([whole()], [treated(), treated(rel=None)])
EXAMPLES["SCR-G40"] = Examples([treated(rel=rel(released_at="2026-06-15T07:30"))], [treated(), treated(rel=None)])
