"""The site for a web server: `gunicorn etop_crf.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "etop_crf.settings")

application = get_wsgi_application()
