import getpass
import os

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.access import SPONSOR_ZONE
from accounts.actions import create_user
from accounts.models import User
from accounts.roles import Role
from audit import clock
from audit.context import SYSTEM


class Command(BaseCommand):
    help = "Create the first administrator; the password is asked for, or read from ADMINISTRATOR_PASSWORD."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("full_name")
        parser.add_argument("--email", default="")

    def handle(self, username, full_name, email, **options):
        password = os.environ.get("ADMINISTRATOR_PASSWORD") or getpass.getpass("Password: ")
        try:
            validate_password(password, User(username=username, full_name=full_name, email=email))
            create_user(
                username=username, full_name=full_name, email=email, password=password,
                roles=[(Role.ADMINISTRATOR, None)], starts_on=clock.today(SPONSOR_ZONE), by=SYSTEM,
            )  # fmt: skip
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{username} can log in.")
