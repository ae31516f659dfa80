"""Named cuts: moments to which people come back."""

from __future__ import annotations

from django.db import models

from audit.models import AppendOnly


class Cut(AppendOnly):
    """The data as they were at a moment, under a name; exported again it gives the same files."""

    name = models.CharField("name", max_length=60, unique=True)
    as_of = models.DateTimeField("as of")
    created_at = models.DateTimeField("created at")
    created_by = models.CharField("created by", max_length=150)
    reason = models.TextField("reason")

    class Meta:
        ordering = ["-as_of", "-id"]

    def __str__(self) -> str:
        return self.name
