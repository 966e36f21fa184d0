"""Frames and protobuf wire format of Daybook's protocol, version 1 (SPEC.md, "Frames").

Nothing here knows what a message means: bytes come in, dictionaries of named fields go out.
Whatever a decoder must refuse is raised as `Malformed`, and nothing else is raised.
"""

import struct
import zlib
from pathlib import Path


class Malformed(Exception):
    """Bytes that SPEC.md says a decoder must refuse."""


# SPEC.md, "Limits".
MAX_RAW = 1_048_576
MAX_PAYLOAD = 1_049_664
MAX_INFLATION = 200
MAX_BODY = 64 * 1024 * 1024
MAX_POSTINGS_IN_EXCHANGE = 16

KINDS = {
    1: "hello", 2: "posting", 3: "welcome", 4: "verdicts", 5: "feed",
    6: "moment", 7: "refusal", 8: "done", 9: "enrol", 10: "enrolled",
    11: "returned", 12: "taken", 13: "compare", 14: "compared", 15: "bundle",
    16: "still", 17: "quiet",
}

PLAIN, ZLIB, ZLIB_WITH_DICTIONARY = 0, 1, 2

CHECKSUM = struct.Struct(">I")
MAX_LENGTH_BYTES = 5

DICTIONARY = (Path(__file__).resolve().parent.parent / "dictionaries" / "v1.txt").read_bytes()


def require(condition, why):
    if not condition:
        raise Malformed(why)


# ---- Frames ----

def read_frame(body, offset=0):
    """The frame at `offset`: its kind by name, its raw message, and where the next one begins."""
    require(len(body) > offset, "header cut off")
    kind, encoding = body[offset] & 31, body[offset] >> 5
    payload_length, place = read_length(body, offset + 1)
    raw_length, place = (payload_length, place) if encoding == PLAIN else read_length(body, place)
    require(len(body) >= place + CHECKSUM.size, "header cut off")
    checksum, = CHECKSUM.unpack_from(body, place)
    payload_start = place + CHECKSUM.size
    require(payload_length <= MAX_PAYLOAD, "payload too large")
    require(raw_length <= MAX_RAW, "raw message too large")
    require(kind in KINDS, "unknown kind of frame")
    require(encoding in (PLAIN, ZLIB, ZLIB_WITH_DICTIONARY), "unknown encoding")
    require(raw_length <= MAX_INFLATION * payload_length, "inflates too far")

    end = payload_start + payload_length
    require(len(body) >= end, "payload cut off")
    payload = bytes(body[payload_start:end])
    checked = bytes(body[offset:place]) + payload
    require(zlib.crc32(checked) == checksum, "wrong checksum")
    raw = payload if encoding == PLAIN else inflate(payload, encoding, raw_length)
    return KINDS[kind], raw, end


def read_length(body, offset):
    """A varint in as few bytes as hold it."""
    number, end = read_varint(body[offset:offset + MAX_LENGTH_BYTES], 0)
    require(end == 1 or body[offset + end - 1], "length in more bytes than it needs")
    return number, offset + end


def inflate(payload, encoding, raw_length):
    """Inflates without ever writing more than one byte past the announced length."""
    if encoding == ZLIB_WITH_DICTIONARY:
        stream = zlib.decompressobj(zdict=DICTIONARY)
    else:
        stream = zlib.decompressobj()
    try:
        raw = stream.decompress(payload, raw_length + 1)
    except zlib.error as error:
        raise Malformed("not a zlib stream") from error
    require(len(raw) == raw_length, "wrong raw length")
    require(stream.eof, "zlib stream does not end")
    require(not stream.unused_data, "bytes after the zlib stream")
    return raw


# ---- Varints (SPEC.md, "Columns"; protobuf's are the same) ----

def read_varint(data, offset):
    """An unsigned 64-bit LEB128 number, and the offset after it."""
    value = 0
    for position in range(10):
        require(offset + position < len(data), "varint cut off")
        byte = data[offset + position]
        require(position < 9 or byte <= 1, "varint past 64 bits")
        value |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            return value, offset + position + 1
    raise Malformed("varint of more than ten bytes")


def unzigzag(number):
    return (number >> 1) ^ -(number & 1)


def signed(number):
    """A number modulo 2^64, as a 64-bit signed integer."""
    return ((number + (1 << 63)) & (1 << 64) - 1) - (1 << 63)


def text(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8") from error


# ---- Protobuf ----

VARINT, FIXED64, LENGTH_DELIMITED, GROUP_START, GROUP_END, FIXED32 = 0, 1, 2, 3, 4, 5
MAX_GROUP_DEPTH = 100

# A schema maps a field's number to its name and its type; a leading "*" marks a repeated one.
# A message stays bytes for the caller to parse: several pieces of a singular one, joined, are
# its merge, as protobuf wants it.
TYPES = {
    "uint32": (VARINT, 0, lambda number: number & 0xFFFF_FFFF),
    "uint64": (VARINT, 0, lambda number: number),
    "sint64": (VARINT, 0, unzigzag),
    "bool": (VARINT, False, lambda number: number != 0),
    "fixed64": (FIXED64, 0, lambda number: number),
    "fixed32": (FIXED32, 0, lambda number: number),
    "bytes": (LENGTH_DELIMITED, b"", lambda data: data),
    "string": (LENGTH_DELIMITED, "", text),
    "message": (LENGTH_DELIMITED, None, lambda data: data),
}


def schema(text):
    """Reads "number type name, …" as in daybook.proto; "*" stands for `repeated`."""
    fields = (field.split() for field in text.split(","))
    return {int(number): (name, type_name) for number, type_name, name in fields}


def read_scalar(data, offset, wire_type):
    """One value of a wire type, groups excepted, and the offset after it."""
    if wire_type == VARINT:
        return read_varint(data, offset)
    if wire_type == LENGTH_DELIMITED:
        length, offset = read_varint(data, offset)
    else:
        length = {FIXED64: 8, FIXED32: 4}.get(wire_type)
        require(length is not None, "unknown wire type")
    end = offset + length
    require(end <= len(data), "field cut off")
    piece = data[offset:end]
    return (piece if wire_type == LENGTH_DELIMITED else int.from_bytes(piece, "little")), end


def wire_fields(data):
    """Each field of a message, as it comes: number, wire type, value. Groups are passed over."""
    offset, open_groups = 0, []
    while offset < len(data):
        tag, offset = read_varint(data, offset)
        number, wire_type = tag >> 3, tag & 7
        require(0 < number < 1 << 29, "field number out of range")
        if wire_type == GROUP_START:
            open_groups.append(number)
            require(len(open_groups) <= MAX_GROUP_DEPTH, "groups nested too deep")
        elif wire_type == GROUP_END:
            require(open_groups and open_groups.pop() == number, "end of no group")
        else:
            value, offset = read_scalar(data, offset, wire_type)
            if not open_groups:
                yield number, wire_type, value
    require(not open_groups, "group without end")


def parse(data, schema):
    """A message as a dictionary of every field of its schema. Unknown fields, and known ones of
    another wire type, are passed over, as protobuf does."""
    message = {}
    for name, type_name in schema.values():
        message[name] = [] if type_name[0] == "*" else TYPES[type_name][1]
    for number, wire_type, value in wire_fields(data):
        name, type_name = schema.get(number, (None, None))
        if name is None:
            continue
        expected, _, convert = TYPES[type_name.lstrip("*")]
        if type_name[0] == "*":
            if wire_type == expected:
                message[name].append(convert(value))
            elif wire_type == LENGTH_DELIMITED:
                message[name] += [convert(number) for number in packed(value, expected)]
        elif wire_type == expected:
            if type_name == "message":
                message[name] = (message[name] or b"") + value
            else:
                message[name] = convert(value)
    return message


def packed(data, wire_type):
    """The values of a packed repeated field."""
    offset = 0
    while offset < len(data):
        value, offset = read_scalar(data, offset, wire_type)
        yield value
