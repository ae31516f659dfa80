"""Examinations that several parts of the trial share: vital signs, ECG, heart scan, effusions, serology, pregnancy test, ICE."""

from __future__ import annotations

from crf.declare import AskedIf, Section
from crf.fields import ClockTimeField, CodeField, MissingReasonField, NumberField, PartialDateField, WordsField, yes_no
from crf.models import Crf, numbered, one_per_visit
from protocol import codelists
from protocol import screening_facts as facts
from protocol.viral import next_dna
from protocol.visits import DOSES, UNSCHEDULED

AT_SCREENING = ("SCR", *UNSCHEDULED)
AND_FIRST_DOSE = ("SCR", "C1D1", *UNSCHEDULED)
AND_EVERY_DOSE = ("SCR", *DOSES, *UNSCHEDULED)


def standard_of_care():
    """Only an assessment of routine care may be older than the consent."""
    return yes_no("Done as standard of care", help_text="Needed only when it was done before patient and investigator had signed the consent")


class VitalSigns(Crf):
    """Vital signs with oxygen saturation (I7)."""

    code = "VS"
    area = "Assessments"
    visits = AND_EVERY_DOSE
    domain = "VS"
    dated_by = "taken_on"
    fact = facts.VitalSigns
    sections = (
        Section("Vital signs", "taken_on", "taken_time", "standard_of_care", "temperature", "systolic", "diastolic", "pulse",
                "respiration"),
        Section("Oxygen saturation", "oxygen_saturation", "room_air", "fio2"), Section("Body", "weight", "height"),
    )  # fmt: skip
    asks_if = {"fio2": AskedIf("room_air", "N")}
    required = ("taken_on", "oxygen_saturation", "room_air")
    exports = {
        "taken_on": "VSDAT", "taken_time": "VSTIM", "standard_of_care": "VSSOC", "temperature": "TEMP_VSORRES",
        "systolic": "SYSBP_VSORRES", "diastolic": "DIABP_VSORRES", "pulse": "PULSE_VSORRES", "respiration": "RESP_VSORRES",
        "oxygen_saturation": "OXYSAT_VSORRES", "oxygen_saturation_missing": "OXYSAT_VSREASND", "room_air": "OXYSAT_ROOMAIR",
        "fio2": "FIO2_VSORRES",
        "weight": "WEIGHT_VSORRES", "height": "HEIGHT_VSORRES",
    }  # fmt: skip

    taken_on = PartialDateField("Date", past=True)
    taken_time = ClockTimeField("Time")
    standard_of_care = standard_of_care()
    temperature = NumberField("Temperature", unit="°C", least=25, most=45, doubt_below=30, doubt_above=43, max_digits=3, decimal_places=1)  # fmt: skip  # noqa: E501
    systolic = NumberField("Systolic blood pressure", unit="mmHg", least=0, most=350, max_digits=3, decimal_places=0)
    diastolic = NumberField("Diastolic blood pressure", unit="mmHg", least=0, most=250, max_digits=3, decimal_places=0)
    pulse = NumberField("Pulse", unit="beats/min", least=0, most=350, max_digits=3, decimal_places=0)
    respiration = NumberField("Respiration", unit="breaths/min", least=0, most=100, max_digits=3, decimal_places=0)
    oxygen_saturation = NumberField("Oxygen saturation", unit="%", least=0, most=100, doubt_below=40, max_digits=3, decimal_places=0)  # fmt: skip  # noqa: E501
    oxygen_saturation_missing = MissingReasonField(of="oxygen_saturation")
    room_air = yes_no("Measured on room air", help_text="No when the patient was given oxygen")
    fio2 = NumberField("Fraction of inspired oxygen (FIO2)", unit="%", least=21, most=100, max_digits=3, decimal_places=0, help_text="Room air is 21 %")  # fmt: skip  # noqa: E501
    weight = NumberField("Weight", unit="kg", least=1, most=500, doubt_below=25, doubt_above=250, max_digits=4, decimal_places=1)
    height = NumberField("Height", unit="cm", least=30, most=260, max_digits=4, decimal_places=1)

    class Meta:
        verbose_name = verbose_name_plural = "Vital signs"
        constraints = one_per_visit("VS")


class Electrocardiogram(Crf):
    """ECG (I8)."""

    code = "EG"
    area = "Assessments"
    visits = AT_SCREENING
    domain = "EG"
    dated_by = "recorded_on"
    fact = facts.Electrocardiogram
    sections = (
        Section("ECG", "recorded_on", "standard_of_care", "interpretation", "finding", "significant"),
        Section("Values", "heart_rate", "qtcf"),
    )
    asks_if = {"finding": AskedIf("interpretation", codelists.EcgInterpretation.ABNORMAL),
               "significant": AskedIf("interpretation", codelists.EcgInterpretation.ABNORMAL)}  # fmt: skip
    required = ("recorded_on", "interpretation", "finding", "significant")
    exports = {"recorded_on": "EGDAT", "standard_of_care": "EGSOC", "interpretation": "INTP_EGORRES", "finding": "EGDESC",
               "significant": "EGCLSIG", "heart_rate": "EGHRMN_EGORRES", "qtcf": "QTCFAG_EGORRES"}  # fmt: skip

    recorded_on = PartialDateField("Date", past=True)
    standard_of_care = standard_of_care()
    interpretation = CodeField("Interpretation", codelist=codelists.EcgInterpretation)
    finding = WordsField("Finding")
    significant = yes_no("Clinically significant", help_text="The investigator's judgement")
    heart_rate = NumberField("Heart rate", unit="beats/min", least=0, most=350, max_digits=3, decimal_places=0)
    qtcf = NumberField("QTcF", unit="ms", least=100, most=900, max_digits=3, decimal_places=0)

    class Meta:
        verbose_name = verbose_name_plural = "ECG"
        constraints = one_per_visit("EG")


class HeartScan(Crf):
    """Echocardiogram or MUGA scan (I8)."""

    code = "CV"
    area = "Assessments"
    visits = AT_SCREENING
    domain = "CV"
    dated_by = "scanned_on"
    fact = facts.HeartScan
    sections = (
        Section("Scan", "scanned_on", "standard_of_care", "method", "lvef"),
        Section("Pericardial effusion", "effusion", "effusion_significant", "effusion_method"),
    )
    asks_if = {"effusion_significant": AskedIf("effusion", "Y"), "effusion_method": AskedIf("method", codelists.EchoMethod.MUGA)}
    required = ("scanned_on", "method", "lvef", "effusion", "effusion_significant", "effusion_method")
    exports = {
        "scanned_on": "CVDAT", "standard_of_care": "CVSOC", "method": "CVMETHOD", "lvef": "LVEF_CVORRES",
        "lvef_missing": "LVEF_CVREASND", "effusion": "PEFFIND", "effusion_significant": "PEFFCLSIG",
        "effusion_method": "PEFFMETH",
    }  # fmt: skip

    scanned_on = PartialDateField("Date", past=True)
    standard_of_care = standard_of_care()
    method = CodeField("Method", codelist=codelists.EchoMethod)
    lvef = NumberField("Left ventricular ejection fraction", unit="%", least=0, most=100, doubt_below=10, doubt_above=85, max_digits=4, decimal_places=1)  # fmt: skip  # noqa: E501
    lvef_missing = MissingReasonField(of="lvef")
    effusion = yes_no("Pericardial effusion")
    effusion_significant = yes_no("Clinically significant", help_text="The investigator's judgement")
    effusion_method = CodeField("Pericardial effusion looked for by", codelist=codelists.EffusionMethod, help_text="A MUGA scan normally does not show it.")  # fmt: skip  # noqa: E501

    class Meta:
        verbose_name = verbose_name_plural = "ECHO or MUGA"
        constraints = one_per_visit("CV")


class PleuralEffusion(Crf):
    """Pleural effusion (I7)."""

    code = "PLE"
    area = "Assessments"
    visits = AT_SCREENING
    domain = "PE"
    dated_by = "assessed_on"
    fact = facts.PleuralEffusion
    sections = (Section("Pleural effusion", "assessed_on", "standard_of_care", "effusion", "significant", "catheter"),)
    asks_if = {"significant": AskedIf("effusion", "Y"), "catheter": AskedIf("effusion", "Y")}
    required = ("assessed_on", "effusion", "significant", "catheter")
    exports = {"assessed_on": "PEDAT", "standard_of_care": "PESOC", "effusion": "PLEFFIND", "significant": "PLEFCLSIG",
               "catheter": "PLEFCATH"}  # fmt: skip

    assessed_on = PartialDateField("Date of the imaging or examination", past=True)
    standard_of_care = standard_of_care()
    effusion = yes_no("Pleural effusion")
    significant = yes_no("Clinically significant", help_text="The investigator's judgement")
    catheter = yes_no("Managed with an indwelling pleural catheter", help_text="Such as PleurX")

    class Meta:
        verbose_name = verbose_name_plural = "Pleural effusion"
        constraints = one_per_visit("PLE")


class PregnancyTest(Crf):
    """One pregnancy test (I9)."""

    code = "PT"
    area = "Assessments"
    domain = "LB"
    dated_by = "tested_on"
    fact = facts.PregnancyTest
    sections = (Section("Pregnancy test", "specimen", "tested_on", "tested_time", "result", "standard_of_care"),)
    required = ("specimen", "tested_on", "result")
    exports = {"specimen": "LBSPEC", "tested_on": "LBDAT", "tested_time": "LBTIM", "result": "HCG_LBORRES",
               "standard_of_care": "LBSOC"}  # fmt: skip

    specimen = CodeField("Specimen", codelist=codelists.Specimen)
    tested_on = PartialDateField("Date of the sample", past=True)
    tested_time = ClockTimeField("Time of the sample", help_text="On the day of the first infusion it must be known")
    result = CodeField("Result", codelist=codelists.PregnancyResult)
    standard_of_care = standard_of_care()

    class Meta:
        verbose_name = "Pregnancy test"
        verbose_name_plural = "Pregnancy tests"
        constraints = numbered("PT")


class Serology(Crf):
    """HIV, hepatitis B and C (E9)."""

    code = "SER"
    area = "Laboratory"
    visits = AT_SCREENING
    domain = "MB"
    dated_by = "taken_on"
    fact = facts.Serology
    sections = (
        Section("Sample", "taken_on", "standard_of_care"),
        Section("HIV", "hiv_status", "hiv_controlled", "hiv_rna", "hiv_rna_value", "hiv_rna_unit_code", "cd4", "hiv_art"),
        Section("Hepatitis B", "hbsag", "hbcab", "hbv_dna", "hbv_dna_value", "hbv_dna_loq", "hbv_dna_unit_code",
                "hbv_prophylaxis"),
        Section("Hepatitis C", "hcvab", "hcv_rna", "hcv_rna_value", "hcv_rna_loq", "hcv_rna_unit_code"),
    )  # fmt: skip
    asks_if = dict.fromkeys(("hiv_controlled", "hiv_rna", "hiv_rna_value", "hiv_rna_unit_code", "cd4", "hiv_art"),
                            AskedIf("hiv_status", codelists.HivStatus.POSITIVE))  # fmt: skip
    required = ("taken_on", "hiv_status", "hiv_controlled", "hbsag", "hbcab", "hcvab")
    required_first = ("hiv_status", "hbsag", "hbcab", "hcvab")
    exports = {
        "taken_on": "MBDAT", "standard_of_care": "MBSOC", "hiv_status": "HIVSTAT", "hiv_controlled": "HIVCTRL",
        "hiv_rna": "HIVRNA_MBLOQ", "hiv_rna_value": "HIVRNA_MBORRES", "hiv_rna_unit_code": "HIVRNA_MBORRESU",
        "cd4": "CD4_LBORRES", "hiv_art": "HIVARTYN",
        "hbsag": "HBSAG_MBORRES", "hbcab": "HBCAB_ISORRES", "hbv_dna": "HBDNA_MBLOQ", "hbv_dna_value": "HBDNA_MBORRES",
        "hbv_dna_loq": "HBDNA_LLOQ", "hbv_dna_unit_code": "HBDNA_MBORRESU", "hbv_prophylaxis": "HBVPROPH",
        "hcvab": "HCVAB_ISORRES", "hcv_rna": "HCRNA_MBLOQ", "hcv_rna_value": "HCRNA_MBORRES", "hcv_rna_loq": "HCRNA_LLOQ",
        "hcv_rna_unit_code": "HCRNA_MBORRESU",
    }  # fmt: skip

    taken_on = PartialDateField("Date of the sample", past=True)
    standard_of_care = standard_of_care()
    hiv_status = CodeField("HIV status", codelist=codelists.HivStatus)
    hiv_controlled = yes_no("HIV infection is controlled", help_text="The investigator's judgement")
    hiv_rna = CodeField("HIV RNA", codelist=codelists.ViralLoad, help_text="If it is known; the record asks for no test")
    hiv_rna_value = NumberField("HIV RNA, value", least=0, most=10**12, max_digits=16, decimal_places=2)
    hiv_rna_unit_code = CodeField("HIV RNA, unit", codelist=codelists.ViralLoadUnit, max_length=12)
    cd4 = NumberField("CD4 count", unit="cells/µL", least=0, most=10**4, max_digits=5, decimal_places=0)
    hiv_art = yes_no("On antiretroviral therapy", help_text="If yes, enter it in the medication log")
    hbsag = CodeField("HBsAg", codelist=codelists.TestResult)
    hbcab = CodeField("Anti-HBc", codelist=codelists.TestResult)
    hbv_dna = CodeField("HBV DNA", codelist=codelists.ViralLoad, help_text="Needed when HBsAg or anti-HBc is positive")
    hbv_dna_value = NumberField("HBV DNA, value", least=0, most=10**12, max_digits=16, decimal_places=2)
    hbv_dna_loq = NumberField("HBV DNA, limit of quantification", least=0, most=10**6, max_digits=9, decimal_places=2)
    hbv_dna_unit_code = CodeField("HBV DNA, unit", codelist=codelists.ViralLoadUnit, max_length=12)
    hbv_prophylaxis = CodeField("HBV prophylaxis", codelist=codelists.Prophylaxis, help_text="Required of inactive carriers and after resolved hepatitis B")  # fmt: skip  # noqa: E501
    hcvab = CodeField("HCV antibody", codelist=codelists.TestResult)
    hcv_rna = CodeField("HCV RNA", codelist=codelists.ViralLoad, help_text="Needed when the HCV antibody is positive")
    hcv_rna_value = NumberField("HCV RNA, value", least=0, most=10**12, max_digits=16, decimal_places=2)
    hcv_rna_loq = NumberField("HCV RNA, limit of quantification", least=0, most=10**6, max_digits=9, decimal_places=2)
    hcv_rna_unit_code = CodeField("HCV RNA, unit", codelist=codelists.ViralLoadUnit, max_length=12)

    class Meta:
        verbose_name = verbose_name_plural = "Serology"
        constraints = one_per_visit("SER")


class HbvMonitoring(Crf):
    """HBV DNA during the trial, of patients who may reactivate (E9)."""

    code = "HBV"
    area = "Laboratory"
    domain = "MB"
    dated_by = "taken_on"
    fact = facts.HbvMonitoring
    sections = (Section("HBV DNA", "taken_on", "hbv_dna", "hbv_dna_value", "hbv_dna_unit_code"),)
    required = ("taken_on", "hbv_dna")
    panel_template = "assessments/hbv_dna.html"
    panel_needs = ("DD", "EOT", "HBV", "SER")
    exports = {"taken_on": "MBDAT", "hbv_dna": "HBDNA_MBLOQ", "hbv_dna_value": "HBDNA_MBORRES",
               "hbv_dna_unit_code": "HBDNA_MBORRESU"}  # fmt: skip

    taken_on = PartialDateField("Date of the sample", past=True)
    hbv_dna = CodeField("HBV DNA", codelist=codelists.ViralLoad)
    hbv_dna_value = NumberField("Value", least=0, most=10**12, max_digits=16, decimal_places=2)
    hbv_dna_unit_code = CodeField("Unit", codelist=codelists.ViralLoadUnit, max_length=12)

    class Meta:
        verbose_name = "HBV monitoring"
        verbose_name_plural = "HBV monitoring"
        constraints = numbered("HBV")

    @classmethod
    def panel(cls, patient, case, headers, *, sees_all: bool, may_enter: bool):
        """When the next sample is due, of patients who are monitored."""
        ended = bool(case.of("EOT") or case.of("DD"))
        due = next_dna(case.of("SER"), case.of("HBV"), case.patient, case.clock, ended=ended)
        if due is None or not sees_all:
            return None
        return {"due": due, "late": max(0, (case.clock.today - due).days), "number": patient.number, "may_enter": may_enter}


class IceScore(Crf):
    """ICE score: its baseline is what a later score is read against."""

    code = "ICE"
    area = "Assessments"
    visits = AND_FIRST_DOSE
    domain = "FT"
    dated_by = "assessed_on"
    fact = facts.IceScore
    sections = (
        Section("Assessment", "assessed_on", "assessed_time", "standard_of_care", "assessable", "obstacle"),
        Section("ICE score", "orientation", "naming", "commands", "writing", "attention"),
    )
    asks_if = {"obstacle": AskedIf("assessable", "N"),
               **dict.fromkeys(("orientation", "naming", "commands", "writing", "attention"), AskedIf("assessable", "Y"))}  # fmt: skip
    required = ("assessed_on", "assessable", "obstacle", "orientation", "naming", "commands", "writing", "attention")
    exports = {
        "assessed_on": "FTDAT", "assessed_time": "FTTIM", "standard_of_care": "FTSOC", "assessable": "FTPERF",
        "obstacle": "FTREASND",
        "orientation": "ICE01_FTORRES", "naming": "ICE02_FTORRES", "commands": "ICE03_FTORRES", "writing": "ICE04_FTORRES",
        "attention": "ICE05_FTORRES",
    }  # fmt: skip
    computes_from = ("ICE",)

    assessed_on = PartialDateField("Date", past=True)
    assessed_time = ClockTimeField("Time")
    standard_of_care = standard_of_care()
    assessable = yes_no("Could the score be assessed?")
    obstacle = CodeField("Not assessable because", codelist=codelists.IceObstacle)
    orientation = NumberField("Orientation: year, month, city, hospital", unit="of 4", least=0, most=4, max_digits=1, decimal_places=0)  # fmt: skip  # noqa: E501
    naming = NumberField("Naming three objects", unit="of 3", least=0, most=3, max_digits=1, decimal_places=0)
    commands = NumberField("Following a simple command", unit="of 1", least=0, most=1, max_digits=1, decimal_places=0)
    writing = NumberField("Writing a standard sentence", unit="of 1", least=0, most=1, max_digits=1, decimal_places=0)
    attention = NumberField("Counting backwards from 100 by ten", unit="of 1", least=0, most=1, max_digits=1, decimal_places=0)

    class Meta:
        verbose_name = verbose_name_plural = "ICE score"
        constraints = one_per_visit("ICE")

    def computed(self, case) -> dict[str, tuple[str, str]]:
        """The sum of the items, and the baseline beside a later score."""
        score = self.total(self)
        if score is None:
            return {}
        baseline = next((self.total(each) for each in case.of("ICE") if each.visit == "SCR" and each.id != self.pk), None)
        beside = f"; at baseline {baseline} of 10" if baseline is not None else ""
        return {"attention": ("neutral", f"ICE score {score} of 10{beside}")}

    @staticmethod
    def total(record) -> int | None:
        """The score of a record or fact, 0 to 10; None while an item is missing."""
        items = [getattr(record, name) for name in ("orientation", "naming", "commands", "writing", "attention")]
        return None if None in items else int(sum(items))
