from tests.crf.fixtures import coordinator, noon  # noqa: F401
