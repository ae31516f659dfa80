"""Who changed what, when, why: field by field, chained, and guarded by the database itself.

Use it like this, and in no other way can an audited row be written:

    from audit.context import acting

    with acting(actor, reason="transcription error", source="form"):
        record.save()

``audit`` knows neither accounts nor patients; it deals in names, codes and strings.
"""
