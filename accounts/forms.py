from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError

from accounts import login as log_in


class LoginForm(forms.Form):
    username = forms.CharField(
        label="User name", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class PasswordForm(SetPasswordForm):
    """The old password and twice the new one."""

    old_password = forms.CharField(
        label="Your password now", strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )  # fmt: skip
    field_order = ["old_password", "new_password1", "new_password2"]

    def clean_old_password(self):
        if not log_in.confirm(self.user, self.cleaned_data["old_password"]):
            raise ValidationError(
                "This is not your present password, or the account is locked for 15 minutes after 5 wrong ones in a row."
            )
        return self.cleaned_data["old_password"]

    def clean(self):
        cleaned = super().clean()
        new = cleaned.get("new_password1")
        if new and new == cleaned.get("old_password"):
            self.add_error("new_password1", "This is the password you have now. Choose another one.")
        return cleaned
