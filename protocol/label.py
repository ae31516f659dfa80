"""The label's tables, as data: how long to watch, and which events a next dose waits for.

Label of the United States, 2024 version, not in the registry record; rows marked so could not be read in a public text and
rest on memory. They are compared with what was entered and quoted, never given as advice; the protocol's own tables take
their place when they are supplied.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.scales import CRS, ICANS

RESOLVED = 0  # wait until the event is over


@dataclass(frozen=True, slots=True)
class WaitRow:
    """What the label says of the dose after an event.

    ``terms`` are CTCAE names, '*infection' the infections, '*' every other event; ``grades`` the worst grades it is about,
    reached before the dose. ``until``: the grade at which the next dose may follow; None where the label stops treatment for good. ``step_up``: it
    holds during the step-up only. ``stops_when_recurs``: grades that stop treatment when they come again. ``from_memory``: not
    readable in a public text.
    """

    terms: tuple[str, ...]
    grades: tuple[str, ...]
    until: int | None
    words: str
    step_up: bool = False
    from_memory: bool = False
    stops_when_recurs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.words + (" (row not readable in public, to be checked with the label at hand)" if self.from_memory else "")


LIVER = ("Alanine aminotransferase increased", "Aspartate aminotransferase increased", "Blood bilirubin increased")
INFECTION, OTHER = "*infection", "*"

# The first row that fits an event is the one that counts.
WAIT: tuple[WaitRow, ...] = (
    WaitRow((CRS,), ("4",), None, "CRS grade 4: stop for good."),
    WaitRow((CRS,), ("1", "2"), RESOLVED, "CRS grade 1 or 2: withhold until resolved, then the next scheduled dose."),
    WaitRow((CRS,), ("3",), RESOLVED, "CRS grade 3: withhold until resolved; when it recurs, stop for good.", from_memory=True,
            stops_when_recurs=("3",)),
    WaitRow((ICANS,), ("4",), None, "ICANS grade 4: stop for good.", from_memory=True),
    WaitRow((ICANS,), ("1",), RESOLVED, "ICANS grade 1: withhold until resolved, then the next scheduled dose."),
    WaitRow((ICANS,), ("2", "3"), RESOLVED, "ICANS grade 2 or 3: withhold until resolved; grade 3 that recurs or does not improve "
            "to grade 1 within 7 days: stop for good.", from_memory=True, stops_when_recurs=("3",)),
    WaitRow(LIVER, ("3",), 1, "ALT, AST or bilirubin grade 3: withhold until grade 1 or less."),
    WaitRow(LIVER, ("4",), None, "ALT, AST or bilirubin grade 4: stop for good."),
    WaitRow(("Neutrophil count decreased",), ("3", "4"), 2, "Neutropenia grade 3 or 4: withhold until grade 2 or less; "
            "grade 4 that recurs: stop for good.", from_memory=True, stops_when_recurs=("4",)),
    WaitRow(("Febrile neutropenia",), ("3", "4"), RESOLVED, "Febrile neutropenia: withhold until neutropenia is grade 2 or less "
            "and the fever is over.", from_memory=True),
    WaitRow(("Anemia",), ("3", "4"), 2, "Haemoglobin below 8 g/dL: withhold until 8 g/dL or more.", from_memory=True),
    WaitRow(("Platelet count decreased",), ("3", "4"), 2, "Platelets grade 3 or 4: withhold until grade 2 or less and no "
            "bleeding; grade 4 that recurs: stop for good.", from_memory=True, stops_when_recurs=("4",)),
    WaitRow((INFECTION,), ("4",), None, "Infection grade 4: stop for good.", from_memory=True),
    WaitRow((INFECTION,), ("1", "2", "3"), RESOLVED, "Infection of any grade during the step-up: withhold until resolved.",
            step_up=True, from_memory=True),
    WaitRow((INFECTION,), ("3",), 1, "Infection grade 3: withhold until grade 1 or less.", from_memory=True),
    WaitRow((OTHER,), ("3", "4"), 1, "Other event of grade 3 or 4: withhold until grade 1 or less, or as before treatment.",
            from_memory=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WatchRow:
    """How long the label has a patient watched: at least ``hours``, from the START or the END of the infusion."""

    doses: str
    hours: int
    counts_from: str

    def __str__(self) -> str:
        return f"{self.doses}: at least {self.hours} h from the {self.counts_from.lower()} of the infusion"


# In the order of the doses: step-up (repeated step-up included), C1D15 and cycle 2, cycles 3 and 4, later.
WATCH: tuple[WatchRow, ...] = (
    WatchRow("C1D1, C1D8 and repeated step-up", 22, "START"), WatchRow("C1D15 and cycle 2", 6, "END"),
    WatchRow("cycles 3 and 4", 3, "END"), WatchRow("cycle 5 and later", 2, "END"),
)  # fmt: skip
