"""The visits a patient can have, in order. The record sets no last dose; the list is long enough for the trial's years."""

from protocol.schedule import MOST_REPEATS, MOST_UNSCHEDULED, planned_dose, repeat_code, unscheduled_code, visit_codes

MOST_DOSES = 130  # five years of two-weekly doses; the record plans three and a half

DOSE_LABELS: tuple[str, ...] = tuple(planned_dose(n).label for n in range(1, MOST_DOSES + 1))
REPEATS: tuple[str, ...] = tuple(repeat_code(n) for n in range(1, MOST_REPEATS + 1))
DOSES: tuple[str, ...] = (*DOSE_LABELS, *REPEATS)
# A form that may be done at any time, planned or not, has these among its visits.
UNSCHEDULED: tuple[str, ...] = tuple(unscheduled_code(n) for n in range(1, MOST_UNSCHEDULED + 1))
VISITS: tuple[str, ...] = visit_codes(MOST_DOSES, MOST_UNSCHEDULED, MOST_REPEATS)
# What the schedule gives no place: it stands where its date puts it.
FLOATING: tuple[str, ...] = (*REPEATS, *UNSCHEDULED)
