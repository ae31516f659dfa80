"""The adverse event terms: CTCAE 5.0 and the trial's own, with the grades that exist, and finding them by typing.

Term names, classes and existing grades are facts of CTCAE 5.0 (NCI, 2017). Its definitions and grade texts are not here,
nor any MedDRA code.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from protocol.codelists import Scale
from protocol.scales import CRS, GRADES, ICANS, SCALE_OF, TLS

DATA = Path(__file__).parent / "data" / "ctcae_v5_terms.csv"
OTHER = " - Other, specify"


@dataclass(frozen=True, slots=True)
class Term:
    """A term that an adverse event can have.

    ``grades`` are those on its ``scale``; ``ctcae_grades`` those that CTCAE 5.0 has ('' for an own term); ``soc`` is the
    CTCAE class, '' for an own term; ``synonyms`` are everyday words that find it.
    """

    name: str
    soc: str
    grades: tuple[str, ...]
    scale: Scale
    own: bool
    synonyms: tuple[str, ...]
    ctcae_grades: tuple[str, ...]

    @property
    def needs_text(self) -> bool:
        """An 'Other, specify' term says nothing without words of the user's own."""
        return self.name.endswith(OTHER)


# What people type, and the term it stands for.
_SYNONYMS: dict[str, tuple[str, ...]] = {
    CRS: ("CRS", "cytokine storm", "cytokine release"),
    ICANS: ("ICANS", "neurotoxicity", "immune effector cell neurotoxicity", "CRES"),
    TLS: ("TLS", "tumour lysis"),
    "Abdominal pain": ("belly ache", "tummy ache", "stomach ache"),
    "Acute kidney injury": ("kidney failure", "renal failure", "renal insufficiency", "AKI"),
    "Adult respiratory distress syndrome": ("ARDS",),
    "Alanine aminotransferase increased": ("ALT", "ALAT", "GPT", "SGPT", "liver enzymes", "transaminases", "high ALT"),
    "Alkaline phosphatase increased": ("ALP", "high ALP"),
    "Alopecia": ("hair loss",),
    "Anemia": ("low haemoglobin", "low hemoglobin", "haemoglobin decreased", "hemoglobin decreased", "low Hb"),
    "Anorexia": ("decreased appetite", "loss of appetite", "appetite loss", "low appetite", "poor appetite"),
    "Arthralgia": ("joint pain",),
    "Aspartate aminotransferase increased": ("AST", "ASAT", "GOT", "SGOT", "liver enzymes", "transaminases", "high AST"),
    "Ataxia": ("unsteady", "loss of coordination"),
    "Blood bilirubin increased": ("jaundice", "high bilirubin", "hyperbilirubinaemia", "hyperbilirubinemia"),
    "Blood lactate dehydrogenase increased": ("LDH",),
    "Blurred vision": ("vision blurred",),
    "Bronchopulmonary hemorrhage": ("haemoptysis", "hemoptysis", "coughing blood", "lung bleeding"),
    "Bruising": ("bruise", "haematoma skin"),
    "Catheter related infection": ("line infection", "port infection"),
    "Chills": ("shivering", "rigors", "rigor"),
    "Confusion": ("confused", "disoriented", "disorientation"),
    "Constipation": ("hard stool",),
    "CPK increased": ("creatine kinase", "CK", "high CK"),
    "Creatinine increased": ("high creatinine",),
    "Cough": ("dry cough",),
    "Death NOS": ("died", "death unknown cause"),
    "Depressed level of consciousness": ("drowsy", "unconscious", "coma"),
    "Dermatitis radiation": ("radiation burn",),
    "Diarrhea": ("loose stools", "loose motions"),
    "Disease progression": ("progression", "progressive disease"),
    "Dizziness": ("dizzy", "light-headed", "lightheaded"),
    "Dysarthria": ("slurred speech",),
    "Dysgeusia": ("taste change", "taste disorder", "taste altered", "metallic taste", "bad taste"),
    "Dysphagia": ("difficulty swallowing", "swallowing difficulty"),
    "Dysphasia": ("aphasia", "word finding difficulty", "speech disorder"),
    "Dyspnea": ("shortness of breath", "breathless", "breathlessness", "short of breath", "SOB"),
    "Edema limbs": ("swollen legs", "swollen ankles", "leg swelling", "ankle swelling", "peripheral oedema",
                    "peripheral edema"),
    "Ejection fraction decreased": ("low LVEF", "LVEF decreased"),
    "Electrocardiogram QT corrected interval prolonged": ("QT prolonged", "QTc", "long QT"),
    "Encephalopathy": ("brain dysfunction",),
    "Epistaxis": ("nosebleed", "nose bleed"),
    "Fatigue": ("tired", "tiredness", "asthenia", "exhaustion", "weakness general"),
    "Febrile neutropenia": ("neutropenic fever",),
    "Fever": ("pyrexia", "high temperature", "raised temperature", "hyperthermia", "febrile"),
    "Flu like symptoms": ("influenza like illness", "flu"),
    "Gait disturbance": ("unsteady walking", "difficulty walking"),
    "Gastroesophageal reflux disease": ("heartburn", "reflux", "GERD", "GORD"),
    "Generalized muscle weakness": ("weakness", "weak"),
    "GGT increased": ("gamma GT", "GGT"),
    "Headache": ("head pain", "migraine", "cephalea"),
    "Heart failure": ("cardiac failure", "cardiac insufficiency"),
    "Hepatic failure": ("liver failure",),
    "Hiccups": ("hiccough",),
    "Hoarseness": ("hoarse voice",),
    "Hot flashes": ("hot flush", "hot flushes"),
    "Hypercalcemia": ("high calcium",),
    "Hyperglycemia": ("high glucose", "high blood sugar"),
    "Hyperhidrosis": ("sweating", "night sweats"),
    "Hyperkalemia": ("high potassium",),
    "Hypermagnesemia": ("high magnesium",),
    "Hypernatremia": ("high sodium",),
    "Hyperphosphatemia": ("high phosphate",),
    "Hypertension": ("high blood pressure",),
    "Hyperuricemia": ("high uric acid",),
    "Hypoalbuminemia": ("low albumin",),
    "Hypocalcemia": ("low calcium",),
    "Hypoglycemia": ("low glucose", "low blood sugar"),
    "Hypokalemia": ("low potassium",),
    "Hypomagnesemia": ("low magnesium",),
    "Hyponatremia": ("low sodium", "SIADH"),
    "Hypophosphatemia": ("low phosphate",),
    "Hypotension": ("low blood pressure",),
    "Hypoxia": ("low oxygen", "low saturation", "desaturation", "low SpO2"),
    "Infusion related reaction": ("infusion reaction", "IRR"),
    "INR increased": ("high INR",),
    "Injection site reaction": ("injection site pain",),
    "Insomnia": ("sleepless", "cannot sleep", "trouble sleeping", "sleep disorder"),
    "Intracranial hemorrhage": ("brain bleed", "cerebral haemorrhage", "subdural haematoma"),
    "Lethargy": ("listless",),
    "Lung infection": ("pneumonia", "chest infection"),
    "Lymphocyte count decreased": ("lymphopenia", "lymphocytopenia", "low lymphocytes"),
    "Malaise": ("feeling unwell",),
    "Memory impairment": ("forgetful", "forgetfulness"),
    "Mucositis oral": ("stomatitis", "mouth sores", "mouth ulcers", "sore mouth", "mouth ulcer"),
    "Muscle cramp": ("cramps", "leg cramps"),
    "Myalgia": ("muscle pain", "muscle ache"),
    "Myocardial infarction": ("heart attack", "STEMI", "NSTEMI"),
    "Nausea": ("feeling sick", "queasy"),
    "Neutrophil count decreased": ("neutropenia", "low neutrophils", "low ANC", "agranulocytosis"),
    "Non-cardiac chest pain": ("chest pain", "thoracic pain"),
    "Oropharyngeal pain": ("throat pain",),
    "Pain": ("ache",),
    "Pain in extremity": ("leg pain", "arm pain", "limb pain"),
    "Palmar-plantar erythrodysesthesia syndrome": ("hand-foot syndrome", "hand foot syndrome", "PPE"),
    "Palpitations": ("heart racing",),
    "Paresthesia": ("tingling", "pins and needles", "numbness"),
    "Peripheral sensory neuropathy": ("neuropathy", "polyneuropathy", "numb feet", "numb hands"),
    "Platelet count decreased": ("low platelets", "thrombocytopenia", "thrombopenia"),
    "Pleural effusion": ("fluid on the lung",),
    "Presyncope": ("near fainting",),
    "Pruritus": ("itch", "itching"),
    "Rash maculo-papular": ("rash", "exanthema", "skin rash"),
    "Respiratory failure": ("lung failure",),
    "Rhinorrhea": ("runny nose",),
    "Seizure": ("fit", "convulsion", "epileptic fit", "epilepsy"),
    "Sepsis": ("blood poisoning", "septic shock"),
    "Shingles": ("herpes zoster", "zoster"),
    "Sinus bradycardia": ("bradycardia", "slow pulse", "slow heart"),
    "Sinus tachycardia": ("tachycardia", "fast pulse", "fast heart"),
    "Skin infection": ("cellulitis", "erysipelas"),
    "Somnolence": ("sleepy", "sleepiness", "drowsiness"),
    "Sore throat": ("throat sore",),
    "Stroke": ("CVA", "cerebral infarction"),
    "Superior vena cava syndrome": ("SVC syndrome",),
    "Syncope": ("fainting", "faint", "blackout", "passed out", "collapse"),
    "Thromboembolic event": ("pulmonary embolism", "embolism", "thrombosis", "DVT", "deep vein thrombosis", "PE"),
    "Thrush": ("oral candidiasis", "candida", "candidiasis"),
    "Thyroid stimulating hormone increased": ("TSH",),
    "Transient ischemic attacks": ("TIA",),
    "Tremor": ("shaking", "shaky hands"),
    "Upper respiratory infection": ("common cold", "cold", "COVID", "COVID-19"),
    "Urinary retention": ("cannot pass urine",),
    "Urinary tract infection": ("UTI", "cystitis bacterial"),
    "Urticaria": ("hives",),
    "Vomiting": ("being sick", "emesis", "throwing up"),
    "Weight loss": ("weight decreased",),
    "White blood cell decreased": ("leukopenia", "leucopenia", "low white cells", "low leukocytes", "low WBC"),
    "Wound dehiscence": ("wound opened",),
}  # fmt: skip


@cache
def terms() -> tuple[Term, ...]:
    """All terms: the trial's own first, then CTCAE 5.0 in its order."""
    with DATA.open(encoding="utf-8", newline="") as lines:
        listed = [_ctcae(row["soc"], row["term"], tuple(row["grades"].split())) for row in csv.DictReader(lines)]
    icans = Term(ICANS, "", GRADES, SCALE_OF[ICANS], True, _SYNONYMS[ICANS], ())
    return (icans, *listed)


def _ctcae(soc: str, name: str, grades: tuple[str, ...]) -> Term:
    scale = SCALE_OF.get(name, Scale.CTCAE)
    used = grades if scale is Scale.CTCAE else GRADES
    return Term(name, soc, used, scale, False, _SYNONYMS.get(name, ()), grades)


@cache
def _by_name() -> dict[str, Term]:
    return {term.name: term for term in terms()}


def term(name: str) -> Term | None:
    """The term of exactly that name."""
    return _by_name().get(name)


def scale_for(name: str) -> Scale:
    """The scale that grades a term in this trial."""
    return SCALE_OF.get(name, Scale.CTCAE)


def grades_for(name: str, scale: str = "") -> tuple[str, ...]:
    """The grades that exist for a term on a scale (its own when not said); all five for a term not in the list."""
    found = term(name)
    if found is None:
        return GRADES
    if not scale or scale == found.scale:
        return found.grades
    return found.ctcae_grades if scale == Scale.CTCAE else ()


_SPELLING = (("haem", "hem"), ("aem", "em"), ("oea", "ea"), ("oed", "ed"), ("oes", "es"), ("aes", "es"), ("our", "or"))


def _plain(text: str) -> str:
    """Small letters without accents, punctuation as blanks."""
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return " ".join(re.findall(r"[a-z0-9]+", bare.casefold()))


def _american(plain: str) -> str:
    """With the spelling that CTCAE uses: diarrhea, edema, anemia, tumor."""
    for british, american in _SPELLING:
        plain = plain.replace(british, american)
    return plain


@dataclass(frozen=True, slots=True)
class _Entry:
    term: Term
    names: tuple[str, ...]  # as written, and in American spelling
    synonyms: tuple[str, ...]


@cache
def _index() -> tuple[_Entry, ...]:
    return tuple(_Entry(each, _spellings(each.name), tuple(s for word in each.synonyms for s in _spellings(word)))
                 for each in terms())  # fmt: skip


def _spellings(text: str) -> tuple[str, ...]:
    plain = _plain(text)
    american = _american(plain)
    return (plain,) if plain == american else (plain, american)


def find(query: str, limit: int = 20) -> list[Term]:
    """The terms that typed words mean, best first: the words begin its name, a synonym, or words within them."""
    typed = _spellings(query)
    if not typed[0]:
        return []
    ranked = [(rank, each.term.needs_text, position, each.term)
              for position, each in enumerate(_index()) if (rank := _rank(typed, each)) is not None]  # fmt: skip
    ranked.sort(key=lambda entry: (entry[0], entry[1], len(entry[3].name) if entry[0] > 1 else 0, entry[2]))
    return [each for _, _, _, each in ranked[:limit]]


def _rank(typed: tuple[str, ...], entry: _Entry) -> int | None:
    pairs = [(query, name) for query in typed for name in entry.names]
    others = [(query, name) for query in typed for name in entry.synonyms]
    if any(query == name for query, name in pairs):
        return 0
    if any(query == name for query, name in others):
        return 1
    if any(name.startswith(query) for query, name in pairs):
        return 2
    if any(name.startswith(query) for query, name in others):
        return 3
    if any(_words_begin(query, name) for query, name in pairs):
        return 4
    return 5 if any(_words_begin(query, name) for query, name in others) else None


def _words_begin(query: str, name: str) -> bool:
    """Does each typed word begin a word of the name?"""
    words = name.split()
    return all(any(word.startswith(part) for word in words) for part in query.split())
