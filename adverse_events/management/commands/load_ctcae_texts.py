from django.core.management.base import BaseCommand, CommandError

from adverse_events.texts import load


class Command(BaseCommand):
    help = "Load the NCI's texts of the CTCAE v5.0 grades from its workbook, saved as CSV (columns term, grade1 … grade5)."

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, file, **options):
        try:
            terms, texts = load(file)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{texts} grade texts of {terms} terms loaded")
