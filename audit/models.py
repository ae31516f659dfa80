"""The trail's own tables, and ``AuditedModel``, from which every model that holds trial data descends."""

from __future__ import annotations

import functools
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import DatabaseError, connection, models

from audit import clock
from audit.context import STUDY, Entry, NotAudited, Stale, Work, current
from audit.history import Trail
from audit.values import canonical


class AppendOnly(models.Model):
    """Rows that are written once; the database refuses to change or delete them."""

    class Meta:
        abstract = True


class Installation(AppendOnly):
    """What this database is. There is one row; DEMO can be told from real data for ever."""

    demo = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_installation")]

    @classmethod
    def is_demo(cls) -> bool:
        """Is this database marked DEMO? Only a yes is remembered: it holds for ever, a no may end."""
        name = str(connection.settings_dict["NAME"])
        if name not in _known_demo and cls.objects.filter(demo=True).exists():
            _known_demo.add(name)
        return name in _known_demo


_known_demo: set[str] = set()


class ChainHead(models.Model):
    """The last link of a chain, and the lock for adding the next."""

    key = models.CharField(max_length=40, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)


class ChangeSet(AppendOnly):
    """One act on one chain: who, in which role, when, why, by which door, and the hash that ties it to the one before."""

    id = models.UUIDField(primary_key=True)
    chain = models.CharField(max_length=40)
    seq = models.PositiveBigIntegerField()
    actor = models.CharField(max_length=150)
    actor_name = models.CharField(max_length=200)
    role = models.CharField(max_length=60)
    actor_site = models.CharField(max_length=10)
    record_site = models.CharField(max_length=10)
    at = models.DateTimeField(db_index=True)
    reason = models.TextField()
    source = models.CharField(max_length=60)
    request_id = models.CharField(max_length=36)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="change_set_place_in_chain")]


class Change(AppendOnly):
    """One field of one record, old and new. ``version`` is the record's version after it; marks are written with it."""

    change_set = models.ForeignKey(ChangeSet, models.PROTECT, related_name="changes")
    line = models.PositiveIntegerField()
    patient = models.CharField(max_length=20)
    site = models.CharField(max_length=10)
    form = models.CharField(max_length=20)
    record = models.CharField(max_length=150)
    version = models.PositiveIntegerField()
    field = models.CharField(max_length=60)
    old = models.TextField(null=True)  # noqa: DJ001  empty is None here, so that a fold needs no types
    new = models.TextField(null=True)  # noqa: DJ001
    salt = models.CharField(max_length=16)
    old_digest = models.CharField(max_length=64)
    new_digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    after_sdv = models.BooleanField(default=False)
    after_signature = models.BooleanField(default=False)

    class Meta:
        verbose_name = "change"
        constraints = [models.UniqueConstraint(fields=["change_set", "line"], name="change_line")]
        # Every filter of the page over all changes walks one of these backwards (keyset paging).
        indexes = [
            models.Index(fields=["form", "record", "id"], name="change_record"),
            models.Index(fields=["site", "id"], name="change_site"),
            models.Index(fields=["patient", "id"], name="change_patient"),
            models.Index(fields=["form", "id"], name="change_form"),
            models.Index(fields=["field", "id"], name="change_field"),
            models.Index(fields=["actor", "id"], name="change_actor"),
            models.Index(fields=["at", "id"], name="change_at"),
            models.Index(fields=["id"], name="change_after_sdv", condition=models.Q(after_sdv=True)),
            models.Index(fields=["id"], name="change_after_signature", condition=models.Q(after_signature=True)),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.record} {self.field}"


class Seal(AppendOnly):
    """One root over the heads of all chains; printed and kept elsewhere it proves that nothing before it was cut off."""

    at = models.DateTimeField()
    root = models.CharField(max_length=64)
    heads = models.JSONField()


class AuditedQuerySet(models.QuerySet):
    """Reads like any other; the bulk writes, which would leave no trail, are refused."""

    def _refuse(self, *args: Any, **kwargs: Any):
        raise NotAudited("Bulk writes leave no trail: save the objects, or use audit.write.save_all.")

    update = bulk_create = bulk_update = delete = _refuse


class AuditedModel(models.Model):
    """Base of every model with trial data: typed history, field-level trail, version, and no way round them.

    ``trail_code`` names the model in the trail for ever. ``unaudited`` lists fields that go in no trail (a password hash).
    ``written_once`` says that a stored row is never changed, not even with a record of it: the database refuses it too.
    """

    trail_code: ClassVar[str] = ""
    unaudited: ClassVar[tuple[str, ...]] = ()
    written_once: ClassVar[bool] = False

    version = models.PositiveIntegerField(default=0, editable=False, db_comment="Number of times the row was written")
    changed_at = models.DateTimeField(editable=False, db_comment="When the row was last written, UTC")

    objects = AuditedQuerySet.as_manager()
    history = Trail(inherit=True)

    class Meta:
        abstract = True

    def chain_key(self) -> str:
        """The chain that its changes belong to: the patient's number, or the study."""
        return STUDY

    def site_code(self) -> str:
        """Code of the site that the record belongs to, or ''."""
        return ""

    def needs_reason(self, before: dict[str, str | None]) -> bool:
        """Must a change of the row that was ``before`` say why?"""
        return False

    @classmethod
    def audited_fields(cls) -> list[models.Field]:
        """The fields whose values the trail keeps."""
        return _audited_fields(cls)

    @classmethod
    def from_db(cls, db, field_names, values):
        instance = super().from_db(db, field_names, values)
        instance._loaded = dict(zip(field_names, values, strict=False))
        instance._in_part = len(instance._loaded) < len(cls._meta.concrete_fields)
        return instance

    def refresh_from_db(self, using=None, fields=None, from_queryset=None) -> None:
        """As Django's; a record of which only some fields were read again cannot be saved."""
        super().refresh_from_db(using, fields, from_queryset)
        self._in_part = self.__dict__.get("_in_part", False) or fields is not None
        self._loaded = {f.attname: self.__dict__.get(f.attname) for f in self._meta.concrete_fields}

    def stored(self) -> dict[str, str | None]:
        """Canonical values as they were read from the database; empty for a new record."""
        loaded = self.__dict__.get("_loaded")
        if loaded is None or self._state.adding:  # a copy of a stored record is a new one
            return {}
        known = self.__dict__.get("_stored")
        if known is None or known[0] is not loaded:
            texts = {f.attname: canonical(f, loaded.get(f.attname)) for f in self.audited_fields()}
            known = self._stored = (loaded, texts)
        return known[1]

    def changed(self) -> dict[str, tuple[str | None, str | None]]:
        """Field by field, what a save would change: attribute name → (old, new)."""
        old, changes = self.stored(), {}
        for field in self.audited_fields():
            name = field.attname
            value, before = canonical(field, getattr(self, name)), old.get(name)
            if value != before:
                changes[name] = (before, value)
        return changes

    def save(self, *, update_fields=None, **kwargs) -> None:
        """Write row, history and trail; nothing at all when nothing changed.

        Raises NotAudited outside ``acting`` or without a needed reason, Stale when somebody else saved in between.
        """
        if update_fields is not None:
            if set(update_fields) - set(self.unaudited):
                raise NotAudited("An audited record is saved whole.")
            current()
            return super().save(update_fields=update_fields, **kwargs)
        work = current()
        changes = self.prepare(work)
        if not changes:
            return None
        try:
            if self._state.adding:
                super().save(force_insert=True)
            else:
                written = {*changes, "version", "changed_at", *self.unaudited}
                super().save(update_fields=[f.name for f in self._meta.concrete_fields if f.attname in written])
        except DatabaseError as error:
            if "did not affect any rows" in str(error):
                raise Stale(f"{self.trail_code} {self.pk}") from error
            raise
        self.note(work, changes)
        return None

    def prepare(self, work: Work) -> dict[str, tuple[str | None, str | None]]:
        """Check that the row may be written, and step its version and time; returns what changes."""
        for field in self._meta.concrete_fields:
            value = self.__dict__.get(field.attname)
            if hasattr(value, "resolve_expression"):
                raise NotAudited(f"{field.name}: an expression cannot be audited; assign a value.")
            if value is not None and isinstance(field, models.DecimalField):
                # Rounded here: the two databases round a half differently, and the trail says what is stored.
                self.__dict__[field.attname] = Decimal(canonical(field, value) or 0)
        if self.__dict__.get("_in_part"):
            raise NotAudited("A record that was read in part cannot be saved.")
        adding = self._state.adding
        if not adding and self._loaded[self._meta.pk.attname] != self.pk:
            raise NotAudited("A record keeps its key.")
        changes = self.changed()
        if not changes:
            if adding:
                raise NotAudited("A record without a single value leaves no trail.")
            return changes
        if self.written_once and not adding:
            raise NotAudited(f"A {self._meta.verbose_name} is never changed once it is written: enter a further one.")
        if not adding and self.needs_reason(self.stored()) and not work.reason:
            raise NotAudited("Submitted data are changed only with a reason.")
        # From what was read, not from the attributes: after a refused save they are a step ahead of the database.
        now, read = clock.now(), {} if adding else self._loaded
        self.version = read.get("version", 0) + 1
        self.changed_at = max(now, read["changed_at"] + timedelta(microseconds=1)) if read else now
        return changes

    def note(self, work: Work, changes: dict[str, tuple[str | None, str | None]]) -> None:
        """Enter the changes in the trail, and remember the row as it now is."""
        chain, site = self.chain_key(), self.site_code()
        patient = "" if chain == STUDY else chain
        record, version, at = str(self.pk), self.version, self.changed_at
        work.set_for(chain, site).note(
            *(
                Entry(patient, site, self.trail_code, record, version, name, old, new, dict(work.marks), at)
                for name, (old, new) in changes.items()
            )
        )
        self._loaded = {f.attname: getattr(self, f.attname) for f in self._meta.concrete_fields}

    def _do_update(self, base_qs, using, pk_val, values, update_fields, forced_update):
        # The version that was read must still be there: whoever saved a moment ago is never overwritten.
        if update_fields and "version" in update_fields:
            base_qs = base_qs.filter(version=self._loaded["version"])
        return super()._do_update(base_qs, using, pk_val, values, update_fields, forced_update)

    def delete(self, *args: Any, **kwargs: Any):
        raise NotAudited("Nothing is deleted: void the record with a reason.")


@functools.cache
def _audited_fields(model: type[AuditedModel]) -> list[models.Field]:
    bookkeeping = ("id", "version", "changed_at", *model.unaudited)
    return [field for field in model._meta.concrete_fields if field.name not in bookkeeping]


def audited_models() -> list[type[AuditedModel]]:
    """Every concrete audited model, in order of app and name."""
    from django.apps import apps

    return [model for model in apps.get_models() if issubclass(model, AuditedModel)]


def model_for(code: str) -> type[AuditedModel]:
    """The audited model with this code; LookupError when there is none."""
    for model in audited_models():
        if model.trail_code == code:
            return model
    raise LookupError(code)

