"""Who somebody is. What they may do is asked of the roles, not of a backend."""

from django.contrib.auth.backends import BaseBackend

from accounts.models import User


class RoleBackend(BaseBackend):
    def authenticate(self, request, username=None, password=None, **kwargs):
        user = User.objects.filter(username=username or "").first()
        if user is None:
            User().set_password(password)  # as long as checking a real one takes: names cannot be guessed by time
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id):
        return User.objects.filter(pk=user_id, is_active=True).first()
