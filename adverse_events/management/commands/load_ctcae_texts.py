from zipfile import BadZipFile

from django.core.management.base import BaseCommand, CommandError

from adverse_events.texts import load


class Command(BaseCommand):
    help = "Load the NCI's grade texts and definitions of CTCAE v5.0 from its workbook (.xlsx), or the same table as CSV."

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, file, **options):
        try:
            terms, texts = load(file)
        except (OSError, ValueError, BadZipFile) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{texts} grade texts of {terms} terms loaded")
