"""What people, copied documents and broken programs send: values, bodies and how often they are tried."""

from __future__ import annotations

import os
from random import Random
from urllib.parse import quote_from_bytes

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 25)
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=EXAMPLES <= 25,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip

NASTY: list[bytes] = [
    b"\x00", b"a\x00b", b"\x01\x1f\x7f", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf0\x28\x8c\xbc", b"\xef\xbf\xbe",
    *(text.encode() for text in (
        "２０２６", "１", "٣", "1e309", "-1e309", "NaN", "sNaN", "Infinity", "-0", "1_000", "0x10", "9" * 400, "-1", "+5", "1,5", "1.5.5",
        "x" * 10_000, "<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "{{ 7*7 }}{% csrf_token %}", "%s%n%(a)s",
        "Ωμέγα", "Ünïcödé", "שלום עולם", "\u202eabc\u202c", "👩‍👩‍👧‍👦", "a\u0301", "\ufeffx", "\u2028", "\t", " ", "\r\n\r\n", "  x  ",
        "'; DROP TABLE x; --", "../../etc/passwd", "null", "None", "undefined", "[]", "true", "UNK", "UK", "?", "24:00", "25:61", "31",
        "0", "00", "13", "Feb", "2026-02-31", "GIVEN", "Y", "N", "y", " Y", "Y\x00", "I3; E4", "SUBMITTED", "=cmd|' /C calc'!A0",
    )),
]  # fmt: skip


_RANGES = [(0x20, 0x7E)] * 4 + [(0x00, 0x1F), (0xA0, 0x24F), (0x370, 0x3FF), (0x0, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)]


def one(rng: Random, *good: str) -> bytes:
    """A value of one input: something valid (half of the time, where there is something), something nasty, or any text."""
    if good and rng.random() < 0.5:
        return rng.choice(good).encode()
    if rng.random() < 0.5:
        return rng.choice(NASTY)
    return "".join(chr(rng.randint(*rng.choice(_RANGES))) for _ in range(rng.randint(0, 30))).encode("utf-8", "replace")


def values(*good: str):
    """``one`` as a strategy. A seed is drawn, not each sign: a page has a hundred inputs, and drawing was half of the test."""
    return st.integers(0, 1 << 48).map(lambda seed: one(Random(seed), *good))


def encoded(pairs: list[tuple[str, bytes]]) -> bytes:
    """A form body, byte for byte."""
    return "&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in pairs).encode()
