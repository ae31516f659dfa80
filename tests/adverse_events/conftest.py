from tests.crf.fixtures import noon  # noqa: F401
