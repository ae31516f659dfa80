"""One process of a race, run as a program: log in, wait until all are ready, post once, say what came back."""

import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    job = json.load(sys.stdin)
    sys.path.insert(0, job["root"])
    os.environ["DJANGO_SETTINGS_MODULE"] = "etop_crf.settings_test"
    import django

    django.setup()
    from django.test import Client

    from accounts.models import User

    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=job["username"]))
    client.get(job["url"])
    Path(job["ready"]).touch()
    while not Path(job["go"]).exists():
        time.sleep(0.001)
    answer = client.post(job["url"], job["data"])
    print(json.dumps({"status": answer.status_code, "url": getattr(answer, "url", "")}))


if __name__ == "__main__":
    main()
