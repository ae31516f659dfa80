from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crf.documents import documents


class Command(BaseCommand):
    help = "Write the generated documents into docs/; with --check only say whether they are current."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true")

    def handle(self, check, **options):
        folder = Path(settings.BASE_DIR) / "docs"
        stale = []
        for name, text in documents().items():
            path = folder / name
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                continue
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
        if check and stale:
            raise CommandError(f"Not current: {', '.join(stale)}. Run manage.py generate_docs.")
        self.stdout.write(f"{len(stale)} written" if stale else "All current")
