"""What is generated is committed."""

from pathlib import Path

import pytest
from django.conf import settings

from crf.documents import documents


@pytest.mark.nodb
@pytest.mark.parametrize("name", sorted(documents()))
def test_a_generated_document_is_current(name):
    committed = (Path(settings.BASE_DIR) / "docs" / name).read_text(encoding="utf-8")
    assert committed == documents()[name], "run manage.py generate_docs"
