from tests.adverse_events.reporting import desk, investigator, patient, record  # noqa: F401
from tests.crf.fixtures import coordinator, noon  # noqa: F401
