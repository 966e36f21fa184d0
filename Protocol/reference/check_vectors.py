"""Checks the reference decoder against every vector of Daybook's protocol, version 1.

Prints one line for each failure and a last line `N passed, M failed`; with `--reasons` also why
each vector with an error was refused. Exits with 0 only if something passed and nothing failed.
"""

import hashlib
import json
import random
import struct
import sys
import zlib
from pathlib import Path

from daybook_canonical import (
    eight_bytes, record_bytes, scope_digest, stamp_from_text, stamp_text,
    varint_bytes)
from daybook_columns import blob_column, integer_column
from daybook_decode import Malformed, decode_body, decode_frame
from daybook_personal import personal_leaf, personal_values
from daybook_records import new_node
from daybook_wire import KINDS, read_frame

VECTORS = Path(__file__).resolve().parent.parent / "vectors" / "v1"
SMALL_FRAME = 1024
MUTATIONS_OF_EACH_MESSAGE = 400


def difference(expected, found, place="message"):
    """The first place where two JSON values differ, or None. True is not 1 here."""
    if type(expected) is not type(found):
        return f"{place}: expected {expected!r}, found {found!r}"
    if isinstance(expected, dict):
        if expected.keys() != found.keys():
            return f"{place}: keys differ: {sorted(expected.keys() ^ found.keys())}"
        pairs = [(f"{place}.{key}", expected[key], found[key]) for key in sorted(expected)]
    elif isinstance(expected, list):
        if len(expected) != len(found):
            return f"{place}: expected {len(expected)} elements, found {len(found)}"
        pairs = [(f"{place}[{index}]", *pair) for index, pair in enumerate(zip(expected, found))]
    else:
        return None if expected == found else f"{place}: expected {expected!r}, found {found!r}"
    return next(filter(None, (difference(a, b, inner) for inner, a, b in pairs)), None)


def check_vector(vector, frame):
    """What is wrong with the decoding of a vector, or None; and why it was refused."""
    try:
        found = decode_frame(frame)
    except Malformed as refusal:
        return None if vector.get("error") else f"refused: {refusal}", str(refusal)
    if vector.get("error"):
        return "decoded, but must be refused", None
    return difference(vector["message"], found), None


def crash(data):
    """What decoding raises besides `Malformed`, or None."""
    try:
        decode_frame(data)
    except Malformed:
        return None
    except Exception as error:  # Exactly what must not happen, whatever it is.
        return repr(error)
    return None


def truncations(frame):
    return (frame[:length] for length in range(len(frame)))


def flipped_bits(frame):
    for bit in range(8 * len(frame)):
        flipped = bytearray(frame)
        flipped[bit // 8] ^= 1 << bit % 8
        yield bytes(flipped)


def plain_frame(kind, raw):
    header = bytes([kind]) + varint_bytes(len(raw))
    return header + struct.pack(">I", zlib.crc32(header + raw)) + raw


def mutations(frame, chance):
    """Frames with a right checksum around a damaged message: what the checksum else hides."""
    kind_name, raw, _ = read_frame(frame)
    kind = next(number for number, name in KINDS.items() if name == kind_name)
    for _ in range(MUTATIONS_OF_EACH_MESSAGE if raw else 0):
        damaged = bytearray(raw)
        for _ in range(chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged))] = chance.choice(
                (0, 1, 2, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        if chance.random() < 0.2:
            del damaged[chance.randrange(len(damaged)):]
        yield plain_frame(kind, bytes(damaged))


def page_examples():
    """The examples in SPEC.md, and what they come to."""
    yield "stamp text", stamp_text(1234567890123456), "00132TMY8NEP0Z"
    yield "stamp from text", stamp_from_text("oOl32tmy8nepoz"), 1234567890123456
    yield "done", decode_frame(bytes.fromhex("0800890098f7")), {
        "kind": "done", "more": False}
    yield "delta runs", integer_column(bytes.fromhex("030a010203"), 4), [5, 6, 7, 8]
    yield "blobs", blob_column(bytes.fromhex("0003000204616263"), 2), [b"a", b"bc"]


def check_exchange(frames):
    """Both bodies of an exchange, made of the vectors' frames."""
    for names in (("hello", "returned", "posting-ten-signups", "posting-edges", "compare", "done"),
                  ("welcome", "taken", "verdicts", "feed", "feed-nothing", "moment", "compared",
                   "done"), ("welcome", "done-more")):
        body = b"".join(frames[name] for name in names)
        kinds = [message["kind"] for message in decode_body(body)]
        yield " ".join(names), kinds, [decode_frame(frames[name])["kind"] for name in names]


def check_digest(frames):
    """The digest in the moment's vector is that of the records in the feed's."""
    records = decode_frame(frames["feed"])["records"]
    canonical = [record_bytes(record) for record in records]
    expected = decode_frame(frames["moment"])["digests"][0]
    digest = scope_digest(canonical) + varint_bytes(len(canonical))
    yield "digest's name", first_bytes(digest), expected
    scope = records[0]["scope"]
    still = decode_frame(frames["still"])
    held = (eight_bytes(77) + eight_bytes(still["sequence"]) + eight_bytes(2) + b"\x20" + b"\x09" * 32
            + b"\x03abc" + eight_bytes(scope)
            + bytes.fromhex(expected))
    yield "name of a still laptop", first_bytes(held), still["name"]


def first_bytes(data):
    return hashlib.sha256(data).digest()[:8].hex()


def check_people(frames):
    """The start code that the first person was given, and the name of the list."""
    told = decode_frame(frames["welcome-people"])["terms"]
    people = told["people"]
    _, _, salt, hashed, _ = people[0]
    yield "start code", hashlib.scrypt(
        b"7KQ2M9X4TB", salt=bytes.fromhex(salt), n=1 << 16, r=8, p=1, maxmem=1 << 27,
        dklen=32).hex(), hashed
    days = dict(map(tuple, told["personal_days"]))
    reading = dict(map(tuple, told["reading"]))
    scopes = varint_bytes(len(told["scopes"])) + b"".join(
        eight_bytes(scope) + varint_bytes(days.get(scope, 0))
        + struct.pack(">I", reading.get(scope, 0)) for scope in told["scopes"])
    hello = decode_frame(frames["hello-people"])
    yield "terms' name", told["name"], hello["terms_name"]
    yield "scopes' name", first_bytes(scopes), hello["scopes_name"]


def check_opened(vectors):
    """What head office reads in the vectors' boxes, and the hashes that stand for it."""
    for name, vector in vectors.items():
        message, opened = vector["message"], vector["opened"]
        read = []
        for plain, (first, entries, _, _) in zip(opened["plain"], message["boxes"]):
            changes = [len(entry["changes"]) for entry in message["entries"]]
            for place, tag, text in personal_values(bytes.fromhex(plain)):
                entry = first
                while place >= changes[entry] and entry < first + entries - 1:
                    place -= changes[entry]
                    entry += 1
                if read and read[-1][:2] == [entry, place]:
                    read[-1][2].append([tag, text])
                else:
                    read.append([entry, place, [[tag, text]]])
        yield f"{name} values", read, [[entry, place, said] for entry, place, _, said in opened["said"]]
        hashes = []
        for index, (entry, (number, hashed, new)) in enumerate(
                zip(message["entries"], opened["entries"])):
            leaves = [personal_leaf(bytes.fromhex(salt), said)
                      for place, _, salt, said in opened["said"] if place == index]
            own = hashlib.sha256(b"".join(leaves)).digest() if leaves else b""
            hashes.append(own)
            yield f"{name} hash of entry {number}", own.hex(), hashed
            old = next(iter(entry["changes"][0][key] for key in ("birth", "edit", "removal")
                            if key in entry["changes"][0])) & (1 << 21) - 1
            yield f"{name} new node of entry {number}", new_node(
                bytes.fromhex(entry["canonical"]) + own, old), new
        yield f"{name} hash", hashlib.sha256(b"".join(hashes)).hexdigest(), message["personal_hash"]


def main():
    passed, failures, valid, opened = 0, [], {}, {}

    def judge(name, problem):
        nonlocal passed
        if problem is None:
            passed += 1
        else:
            failures.append(name)
            print(f"{name}: {problem}")

    for path in sorted(VECTORS.glob("*.json")):
        vector = json.loads(path.read_text(encoding="utf-8"))
        frame = bytes.fromhex(vector["frame"])
        try:
            problem, refusal = check_vector(vector, frame)
        except Exception as error:  # A crash is a failure of this vector, not of the whole check.
            problem, refusal = f"raised {error!r}", None
        judge(path.stem, problem)
        if refusal and "--reasons" in sys.argv:
            print(f"  {path.stem}: {refusal}")
        if not vector.get("error"):
            valid[path.stem] = frame
        if "opened" in vector:
            opened[path.stem] = vector

    chance = random.Random(1)
    for name, frame in valid.items():
        sets = {"truncated": truncations(frame)}
        if len(frame) < SMALL_FRAME:
            sets["bit flipped"] = flipped_bits(frame)
        if name not in failures:
            sets["damaged"] = mutations(frame, chance)
        for what, damaged in sets.items():
            judge(f"{name} {what}", next(filter(None, map(crash, damaged)), None))

    for checks in (page_examples, lambda: check_exchange(valid), lambda: check_digest(valid),
                   lambda: check_people(valid), lambda: check_opened(opened)):
        try:
            for name, found, expected in checks():
                judge(name, difference(expected, found, name))
        except (Malformed, KeyError) as error:
            judge(getattr(checks, "__name__", "check"), repr(error))

    print(f"{passed} passed, {len(failures)} failed")
    return 0 if passed and not failures else 1


if __name__ == "__main__":
    sys.exit(main())
