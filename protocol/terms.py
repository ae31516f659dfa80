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
    CRS: ("CRS", "cytokine storm", "cytokine release", "cytokine fever"),
    ICANS: ("ICANS", "neurotoxicity", "immune effector cell neurotoxicity", "CRES", "immune effector cell",
            "neurotoxicity after tarlatamab"),
    TLS: ("TLS", "tumour lysis"),
    "Abdominal distension": ("swollen belly", "swollen abdomen"),
    "Abdominal pain": ("belly ache", "tummy ache", "stomach ache", "abdominal cramps", "pain belly", "pain tummy"),
    "Acute kidney injury": ("kidney failure", "renal failure", "renal insufficiency", "AKI", "acute renal failure",
                            "kidneys failing"),
    "Adrenal insufficiency": ("Addison", "low cortisol"),
    "Adult respiratory distress syndrome": ("ARDS",),
    "Agitation": ("agitated",),
    "Alanine aminotransferase increased": ("ALT", "ALAT", "GPT", "SGPT", "liver enzymes", "transaminases",
                                           "high ALT", "ALT high", "liver values"),
    "Alkaline phosphatase increased": ("ALP", "high ALP"),
    "Allergic reaction": ("allergy", "hypersensitivity", "allergic"),
    "Alopecia": ("hair loss",),
    "Amnesia": ("memory gap",),
    "Anaphylaxis": ("anaphylactic shock", "anaphylactic reaction"),
    "Anemia": ("low haemoglobin", "low hemoglobin", "haemoglobin decreased", "hemoglobin decreased", "low Hb",
               "anaemic", "low red cells", "low red blood cells"),
    "Anorexia": ("decreased appetite", "loss of appetite", "appetite loss", "low appetite", "poor appetite",
                 "not eating", "not hungry", "no appetite"),
    "Anosmia": ("loss of smell", "cannot smell"),
    "Anxiety": ("anxious", "nervous", "panic"),
    "Aphonia": ("lost voice",),
    "Apnea": ("stopped breathing",),
    "Arthralgia": ("joint pain",),
    "Arthritis": ("swollen joints", "joint inflammation"),
    "Ascites": ("fluid in the belly",),
    "Aspartate aminotransferase increased": ("AST", "ASAT", "GOT", "SGOT", "liver enzymes", "transaminases",
                                             "high AST", "AST high", "liver values"),
    "Aspiration": ("choked on food", "aspiration of food"),
    "Ataxia": ("unsteady", "loss of coordination", "clumsy", "loss of balance"),
    "Atelectasis": ("collapsed lung part",),
    "Atrial fibrillation": ("AF", "AFib", "irregular heartbeat", "irregular pulse"),
    "Back pain": ("backache", "lumbago"),
    "Bacteremia": ("positive blood culture", "bacteria in the blood"),
    "Bladder infection": ("cystitis",),
    "Bloating": ("bloated",),
    "Blood antidiuretic hormone abnormal": ("ADH",),
    "Blood bilirubin increased": ("jaundice", "high bilirubin", "hyperbilirubinaemia", "hyperbilirubinemia",
                                  "yellow skin", "yellow eyes", "bilirubin high"),
    "Blood lactate dehydrogenase increased": ("LDH",),
    "Blurred vision": ("vision blurred", "cannot see clearly", "blurry vision"),
    "Bone pain": ("bones hurt",),
    "Bronchial infection": ("bronchitis",),
    "Bronchopulmonary hemorrhage": ("haemoptysis", "hemoptysis", "coughing blood", "lung bleeding"),
    "Bronchospasm": ("asthma attack", "tight chest"),
    "Bruising": ("bruise", "haematoma skin", "bruises", "black and blue"),
    "CPK increased": ("creatine kinase", "CK", "high CK"),
    "Cardiac arrest": ("heart stopped", "resuscitation"),
    "Cardiac troponin I increased": ("troponin", "high troponin"),
    "Cardiac troponin T increased": ("troponin", "high troponin"),
    "Catheter related infection": ("line infection", "port infection"),
    "Chest pain - cardiac": ("angina", "chest pain heart"),
    "Chills": ("shivering", "rigors", "rigor", "shivers", "cold shivers", "teeth chattering"),
    "Cognitive disturbance": ("cannot think clearly", "foggy", "brain fog"),
    "Concentration impairment": ("cannot concentrate", "poor concentration"),
    "Confusion": ("confused", "disoriented", "disorientation", "muddled", "not oriented"),
    "Conjunctivitis": ("red eye", "pink eye"),
    "Constipation": ("hard stool", "no bowel movement", "constipated"),
    "Cough": ("dry cough", "coughing"),
    "Creatinine increased": ("high creatinine", "creatinine high"),
    "Cytomegalovirus infection reactivation": ("CMV",),
    "Death NOS": ("died", "death unknown cause"),
    "Dehydration": ("dehydrated", "dried out"),
    "Delirium": ("delirious",),
    "Depressed level of consciousness": ("unconscious", "coma", "reduced consciousness", "not waking",
                                         "hard to wake", "GCS low", "loss of consciousness"),
    "Depression": ("depressed", "low mood", "sad"),
    "Dermatitis radiation": ("radiation burn",),
    "Diarrhea": ("loose stools", "loose motions", "runny stools", "watery stools", "diarrhoeal"),
    "Disease progression": ("progression", "progressive disease"),
    "Dizziness": ("dizzy", "light-headed", "lightheaded", "giddy", "head spinning"),
    "Dry mouth": ("mouth dry", "xerostomia"),
    "Dry skin": ("skin dry", "xerosis"),
    "Dysarthria": ("slurred speech",),
    "Dysgeusia": ("taste change", "taste disorder", "taste altered", "metallic taste", "bad taste", "loss of taste",
                  "taste loss", "food tastes wrong", "taste disturbance", "ageusia"),
    "Dyspepsia": ("indigestion", "upset stomach"),
    "Dysphagia": ("difficulty swallowing", "swallowing difficulty"),
    "Dysphasia": ("aphasia", "word finding difficulty", "speech disorder", "cannot find words", "cannot speak",
                  "difficulty speaking", "trouble speaking"),
    "Dyspnea": ("shortness of breath", "breathless", "breathlessness", "short of breath", "SOB",
                "difficulty breathing", "trouble breathing", "air hunger", "out of breath", "breathing difficulty"),
    "Dysuria": ("burning urine", "pain passing urine", "painful urination"),
    "Edema cerebral": ("brain swelling", "cerebral oedema"),
    "Edema face": ("swollen face", "facial swelling"),
    "Edema limbs": ("swollen legs", "swollen ankles", "leg swelling", "ankle swelling", "peripheral oedema",
                    "peripheral edema", "swollen feet", "swollen arms", "swelling legs"),
    "Ejection fraction decreased": ("low LVEF", "LVEF decreased"),
    "Electrocardiogram QT corrected interval prolonged": ("QT prolonged", "QTc", "long QT"),
    "Encephalopathy": ("brain dysfunction", "encephalitis noninfective", "encephalopathic"),
    "Epistaxis": ("nosebleed", "nose bleed", "bleeding nose"),
    "Eye pain": ("eyes hurt",),
    "Fall": ("fell", "fell down"),
    "Fatigue": ("tired", "tiredness", "asthenia", "exhaustion", "weakness general", "exhausted", "no energy",
                "worn out", "weary"),
    "Febrile neutropenia": ("neutropenic fever", "fever with low neutrophils", "febrile aplasia"),
    "Fever": ("pyrexia", "high temperature", "raised temperature", "hyperthermia", "febrile", "high fever",
              "temperature", "temp", "hot"),
    "Fibrinogen decreased": ("low fibrinogen",),
    "Flu like symptoms": ("influenza like illness", "flu", "flu-like"),
    "Flushing": ("flush", "red face"),
    "Fracture": ("broken bone",),
    "GGT increased": ("gamma GT", "GGT"),
    "Gait disturbance": ("unsteady walking", "difficulty walking", "walking problems", "unsteady on feet"),
    "Gastric hemorrhage": ("stomach bleeding",),
    "Gastroesophageal reflux disease": ("heartburn", "reflux", "GERD", "GORD"),
    "Generalized muscle weakness": ("weakness", "weak", "no strength", "muscle weakness"),
    "Hallucinations": ("seeing things", "hearing voices"),
    "Headache": ("head pain", "migraine", "cephalea", "migraine attack", "sore head"),
    "Hearing impaired": ("hearing loss", "deaf", "cannot hear"),
    "Heart failure": ("cardiac failure", "cardiac insufficiency", "congestive heart failure", "CHF"),
    "Hematoma": ("haematoma", "blood clot under the skin"),
    "Hematuria": ("blood in urine", "bloody urine"),
    "Hemorrhoids": ("piles",),
    "Hepatic failure": ("liver failure",),
    "Hepatitis B reactivation": ("HBV reactivation", "HBV"),
    "Hepatitis viral": ("viral hepatitis",),
    "Herpes simplex reactivation": ("cold sore", "herpes"),
    "Hiccups": ("hiccough",),
    "Hoarseness": ("hoarse voice",),
    "Hot flashes": ("hot flush", "hot flushes"),
    "Hypercalcemia": ("high calcium",),
    "Hyperglycemia": ("high glucose", "high blood sugar", "sugar high", "blood sugar high", "glucose high", "diabetes"),
    "Hyperhidrosis": ("sweating", "night sweats"),
    "Hyperkalemia": ("high potassium", "K high", "potassium increased", "potassium high"),
    "Hypermagnesemia": ("high magnesium",),
    "Hypernatremia": ("high sodium",),
    "Hyperphosphatemia": ("high phosphate",),
    "Hypertension": ("high blood pressure", "BP high", "blood pressure high", "high BP", "hypertensive"),
    "Hyperthyroidism": ("overactive thyroid", "thyrotoxicosis"),
    "Hyperuricemia": ("high uric acid",),
    "Hypoalbuminemia": ("low albumin", "albumin decreased"),
    "Hypocalcemia": ("low calcium", "calcium decreased"),
    "Hypoglycemia": ("low glucose", "low blood sugar", "sugar low", "blood sugar low", "glucose low"),
    "Hypokalemia": ("low potassium", "K low", "potassium decreased", "potassium low"),
    "Hypomagnesemia": ("low magnesium", "Mg low", "magnesium decreased"),
    "Hyponatremia": ("low sodium", "SIADH", "Na low", "sodium decreased", "sodium low"),
    "Hypophosphatemia": ("low phosphate", "phosphate decreased"),
    "Hypophysitis": ("pituitary inflammation",),
    "Hypotension": ("low blood pressure", "hypotensive", "BP low", "blood pressure low", "low BP"),
    "Hypothermia": ("low temperature",),
    "Hypothyroidism": ("underactive thyroid", "low thyroid"),
    "Hypoxia": ("low oxygen", "low saturation", "desaturation", "low SpO2", "oxygen low", "needs oxygen",
                "hypoxaemia", "hypoxemia", "saturation low", "low sats"),
    "INR increased": ("high INR",),
    "Ileus": ("bowel not moving", "paralytic ileus"),
    "Infusion related reaction": ("infusion reaction", "IRR", "reaction to infusion"),
    "Infusion site extravasation": ("extravasation", "infiltration"),
    "Injection site reaction": ("injection site pain", "red injection site"),
    "Insomnia": ("sleepless", "cannot sleep", "can't sleep", "trouble sleeping", "sleep disorder", "not sleeping", "sleepless nights"),
    "Intracranial hemorrhage": ("brain bleed", "cerebral haemorrhage", "subdural haematoma"),
    "Irritability": ("irritable",),
    "Lethargy": ("listless", "lethargic", "sluggish"),
    "Lipase increased": ("high lipase",),
    "Lung infection": ("pneumonia", "chest infection", "lower respiratory infection",
                       "lower respiratory tract infection", "LRTI"),
    "Lymphocyte count decreased": ("lymphopenia", "lymphocytopenia", "low lymphocytes", "lymphocytes low"),
    "Malaise": ("feeling unwell", "unwell", "feeling ill"),
    "Memory impairment": ("forgetful", "forgetfulness", "memory loss", "bad memory", "poor memory"),
    "Meningismus": ("stiff neck",),
    "Meningitis": ("neck stiff fever",),
    "Mucositis oral": ("stomatitis", "mouth sores", "mouth ulcers", "sore mouth", "mouth ulcer", "mucositis",
                       "mouth sore", "mouth inflammation", "aphthae"),
    "Muscle cramp": ("cramps", "leg cramps", "cramp", "muscle spasm"),
    "Muscle weakness left-sided": ("left hemiparesis", "hemiparesis left"),
    "Muscle weakness lower limb": ("weak legs", "leg weakness", "paraparesis"),
    "Muscle weakness right-sided": ("right hemiparesis", "hemiparesis right"),
    "Muscle weakness upper limb": ("weak arm", "arm weakness"),
    "Myalgia": ("muscle pain", "muscle ache", "aching muscles", "sore muscles"),
    "Myocardial infarction": ("heart attack", "STEMI", "NSTEMI"),
    "Myocarditis": ("heart inflammation",),
    "Nasal congestion": ("blocked nose", "stuffy nose"),
    "Nausea": ("feeling sick", "queasy", "nauseous", "feels sick", "sick to stomach"),
    "Neutrophil count decreased": ("neutropenia", "low neutrophils", "low ANC", "agranulocytosis", "neutrophils low",
                                   "neutropenic", "ANC low"),
    "Non-cardiac chest pain": ("chest pain", "thoracic pain", "pain chest"),
    "Oral pain": ("mouth pain", "pain in the mouth"),
    "Oropharyngeal pain": ("throat pain",),
    "Pain": ("ache",),
    "Pain in extremity": ("leg pain", "arm pain", "limb pain", "painful leg", "painful arm"),
    "Palmar-plantar erythrodysesthesia syndrome": ("hand-foot syndrome", "hand foot syndrome", "PPE"),
    "Palpitations": ("heart racing", "heart pounding", "racing heart"),
    "Pancreatitis": ("pancreas inflammation",),
    "Paresthesia": ("tingling", "pins and needles", "numbness", "tingling fingers", "numb"),
    "Peripheral sensory neuropathy": ("neuropathy", "polyneuropathy", "numb feet", "numb hands"),
    "Platelet count decreased": ("low platelets", "thrombocytopenia", "thrombopenia", "platelets low",
                                 "platelets decreased"),
    "Pleural effusion": ("fluid on the lung", "fluid around the lung", "water on the lung"),
    "Pneumonitis": ("ILD", "interstitial lung disease", "lung inflammation"),
    "Pneumothorax": ("collapsed lung",),
    "Presyncope": ("near fainting", "nearly fainted", "felt faint"),
    "Productive cough": ("cough with phlegm", "phlegm", "sputum"),
    "Pruritus": ("itch", "itching", "itchy skin", "itchy"),
    "Psychosis": ("psychotic",),
    "Pulmonary edema": ("water in the lungs", "lung oedema"),
    "Rash acneiform": ("acne", "pimples"),
    "Rash maculo-papular": ("rash", "exanthema", "skin rash", "red spots", "skin eruption", "spots on the skin"),
    "Rectal hemorrhage": ("blood in stool", "bleeding from the bowel"),
    "Respiratory failure": ("lung failure",),
    "Restlessness": ("restless",),
    "Rhinorrhea": ("runny nose",),
    "Seizure": ("fit", "convulsion", "epileptic fit", "epilepsy", "convulsions", "status epilepticus", "fits"),
    "Sepsis": ("blood poisoning", "septic shock", "septic", "septicaemia", "septicemia"),
    "Shingles": ("herpes zoster", "zoster"),
    "Sinus bradycardia": ("bradycardia", "slow pulse", "slow heart", "low pulse", "pulse low"),
    "Sinus tachycardia": ("tachycardia", "fast pulse", "fast heart", "fast heartbeat", "high pulse", "pulse high"),
    "Sinusitis": ("sinus infection",),
    "Skin infection": ("cellulitis", "erysipelas", "infected skin"),
    "Somnolence": ("sleepy", "sleepiness", "drowsiness", "very sleepy", "drowsy", "sleeping a lot"),
    "Sore throat": ("throat sore", "throat hurts"),
    "Spinal cord compression": ("cord compression",),
    "Stomach pain": ("stomach cramps", "epigastric pain"),
    "Stroke": ("CVA", "cerebral infarction", "apoplexy"),
    "Superior vena cava syndrome": ("SVC syndrome", "SVC"),
    "Syncope": ("fainting", "faint", "blackout", "passed out", "collapse", "fainted", "collapsed"),
    "Thromboembolic event": ("pulmonary embolism", "embolism", "thrombosis", "DVT", "deep vein thrombosis", "PE",
                             "blood clot", "clot", "clot in the leg", "clot in the lung"),
    "Thrush": ("oral candidiasis", "candida", "candidiasis", "oral thrush", "yeast infection of the mouth"),
    "Thyroid stimulating hormone increased": ("TSH",),
    "Toothache": ("tooth pain",),
    "Transient ischemic attacks": ("TIA",),
    "Tremor": ("shaking", "shaky hands", "trembling", "shaky", "handwriting shaky"),
    "Tumor pain": ("cancer pain",),
    "Upper respiratory infection": ("common cold", "cold", "COVID", "COVID-19", "cold symptoms", "coryza"),
    "Urinary frequency": ("passing urine often",),
    "Urinary incontinence": ("wetting",),
    "Urinary retention": ("cannot pass urine",),
    "Urinary tract infection": ("UTI", "cystitis bacterial", "urine infection", "water infection"),
    "Urticaria": ("hives", "nettle rash", "wheals"),
    "Ventricular arrhythmia": ("arrhythmia",),
    "Vertigo": ("room spinning",),
    "Vision decreased": ("poor vision", "loss of sight"),
    "Voice alteration": ("voice change",),
    "Vomiting": ("being sick", "emesis", "throwing up", "sick", "vomited", "puking"),
    "Weight gain": ("gained weight",),
    "Weight loss": ("weight decreased", "losing weight", "lost weight"),
    "Wheezing": ("wheeze", "whistling breath"),
    "White blood cell decreased": ("leukopenia", "leucopenia", "low white cells", "low leukocytes", "low WBC",
                                   "white cells low", "low white cell count", "WBC low", "low white blood cells",
                                   "white blood cells low"),
    "Wound complication": ("wound not healing",),
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
