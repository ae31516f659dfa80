"""Free text that people write beside the data: questions, answers, reasons."""

from __future__ import annotations

import re

# Signs that a database or an XML file cannot hold: control characters, and halves of a character.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def storable(text: str) -> str:
    """The text without space around it, and with a mark (�) where it held such signs."""
    return UNSTORABLE.sub("\ufffd", text.strip())
