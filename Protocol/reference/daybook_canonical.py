"""Canonical bytes, digests and the text form of stamps of Daybook's protocol, version 1."""

import hashlib

from daybook_columns import AMOUNT, BYTES, INTEGER, NO_CLASS, PERSONAL, TEXT, check_stamp
from daybook_wire import require

# ---- The text form of stamps (SPEC.md, "Stamps") ----

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def check_digit(digits):
    total, doubled = 0, True
    for digit in reversed(digits):
        quotient, remainder = divmod(digit * 2 if doubled else digit, 32)
        total += quotient + remainder
        doubled = not doubled
    return -total % 32


def stamp_text(stamp):
    digits = [stamp >> 5 * place & 31 for place in reversed(range(13))]
    return "".join(DIGITS[digit] for digit in digits + [check_digit(digits)])


def stamp_from_text(written):
    plain = written.upper().replace("I", "1").replace("L", "1").replace("O", "0")
    digits = [DIGITS.find(letter) for letter in plain]
    require(len(digits) == 14 and min(digits) >= 0, "not a stamp's text")
    require(check_digit(digits[:13]) == digits[13], "wrong check digit")
    number = 0
    for digit in digits[:13]:
        number = number << 5 | digit
    return check_stamp(number)


# ---- Canonical bytes (SPEC.md, "Canonical bytes") ----

def varint_bytes(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def eight_bytes(number):
    return (number & (1 << 64) - 1).to_bytes(8, "big")


def stamps_bytes(stamps):
    return varint_bytes(len(stamps)) + b"".join(map(eight_bytes, stamps))


def value_bytes(value):
    if value is None:
        return bytes([NO_CLASS])
    if "personal" in value:
        return bytes([PERSONAL])
    if "amount" in value:
        return bytes([AMOUNT]) + eight_bytes(value["amount"]) + value["currency"].encode()
    if "integer" in value:
        return bytes([INTEGER]) + eight_bytes(value["integer"])
    is_text = "text" in value
    blob = value["text"].encode() if is_text else bytes.fromhex(value["bytes"])
    return bytes([TEXT if is_text else BYTES]) + varint_bytes(len(blob)) + blob


def fields_bytes(fields):
    return varint_bytes(len(fields)) + b"".join(
        varint_bytes(tag) + value_bytes(value) for tag, value in fields)


def change_bytes(change):
    collection = varint_bytes(change["collection"])
    if "birth" in change:
        return (b"\x01" + collection + eight_bytes(change["birth"]) + eight_bytes(change["scope"])
                + fields_bytes(change["fields"]))
    record = eight_bytes(change["record"])
    if "edit" in change:
        return (b"\x02" + collection + eight_bytes(change["edit"]) + record
                + varint_bytes(change["field"]) + value_bytes(change.get("value"))
                + stamps_bytes(change["replaces"]))
    return b"\x03" + collection + eight_bytes(change["removal"]) + record + stamps_bytes(
        change["seen"])


def entry_bytes(entry):
    return (eight_bytes(entry.get("person", 0)) + eight_bytes(entry["wall"]) + eight_bytes(entry["monotonic"])
            + eight_bytes(entry["boot"]) + varint_bytes(len(entry["changes"]))
            + b"".join(map(change_bytes, entry["changes"])))


def head_bytes(head):
    return (varint_bytes(head["field"]) + eight_bytes(head["shown"])
            + eight_bytes(head.get("by", 0))
            + varint_bytes(len(head["others"]))
            + b"".join(eight_bytes(other["stamp"]) + eight_bytes(other.get("by", 0))
                       + value_bytes(other.get("value"))
                       for other in head["others"]))


def record_bytes(record):
    return (varint_bytes(record["collection"]) + eight_bytes(record["id"])
            + eight_bytes(record["scope"]) + eight_bytes(record.get("by", 0))
            + eight_bytes(record["at"]) + varint_bytes(record.get("within", 0))
            + fields_bytes(record["fields"])
            + varint_bytes(len(record["heads"])) + b"".join(map(head_bytes, record["heads"])))


def scope_digest(canonical_records):
    """The digest of a scope, of the canonical bytes of each of its live records."""
    total = sum(int.from_bytes(hashlib.sha256(record).digest()[:16], "big")
                for record in canonical_records)
    return (total % (1 << 128)).to_bytes(16, "big")
