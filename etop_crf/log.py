"""Log lines that hold no patient data."""

import logging
import traceback
from types import TracebackType

from django.core.exceptions import ImproperlyConfigured
from django.template import TemplateDoesNotExist, TemplateSyntaxError

# Their messages speak of the program. Any other may repeat a value: PostgreSQL's "Failing row contains (…)" prints the whole record.
ABOUT_CODE = (ImportError, NameError, AttributeError, ImproperlyConfigured, TemplateDoesNotExist, TemplateSyntaxError)


class NoValues(logging.Formatter):
    """A formatter that prints where an exception happened and of which type, with its message only where that holds no data."""

    def formatException(self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]) -> str:
        chain: list[BaseException] = []
        error = ei[1]
        while error is not None and error not in chain:
            chain.append(error)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        lines = []
        for each in reversed(chain):
            lines += ["Traceback (most recent call last):\n", *traceback.format_tb(each.__traceback__)]
            lines += [type(each).__qualname__, f": {each}\n" if isinstance(each, ABOUT_CODE) else " (message left out)\n"]
        return "".join(lines).rstrip("\n")
