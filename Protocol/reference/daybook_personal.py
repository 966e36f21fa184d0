"""What names persons, once it is opened, in Daybook's protocol, version 1 (SPEC.md, "Personal values")."""

import hashlib
import zlib

from daybook_canonical import varint_bytes
from daybook_columns import check_tag, check_text
from daybook_wire import MAX_RAW, Malformed, read_varint, require

PLAIN, ZLIB = 0, 1
TEXT, DIGITS, PLUS_AND_DIGITS = 0, 1, 2
# In one number.
MAX_DIGITS = 18


def personal_values(data):
    """Each value as (key, tag, text), in order."""
    require(data, "no method")
    raw = data[1:]
    if data[0] == ZLIB:
        size, offset = read_varint(data, 1)
        require(size <= MAX_RAW, "personal values too large")
        stream = zlib.decompressobj()
        try:
            raw = stream.decompress(data[offset:], size + 1)
        except zlib.error as error:
            raise Malformed("not a zlib stream") from error
        require(len(raw) == size and stream.eof and not stream.unused_data, "wrong raw length")
    else:
        require(data[0] == PLAIN, "unknown method")
    count, offset = read_varint(raw, 0)
    require(count <= len(raw) // 3, "values cut off")
    numbers = []
    for _ in range(3 * count):
        number, offset = read_varint(raw, offset)
        numbers.append(number)
    steps, tags, lengths = numbers[:count], numbers[count:2 * count], numbers[2 * count:]
    values, key = [], 0
    texts = {}
    # The texts of one field stand together, fields by tag.
    for place in sorted(range(count), key=lambda place: (tags[place], place)):
        texts[place], offset = one_text(raw, offset, lengths[place])
    for place, (step, tag) in enumerate(zip(steps, tags)):
        key += step
        require(key < 1 << 63, "key out of range")
        values.append((key, check_tag(tag), texts[place]))
    require(offset == len(raw), "bytes left over")
    places = [value[:2] for value in values]
    require(all(a < b for a, b in zip(places, places[1:])), "values out of order")
    return values


def one_text(raw, offset, length):
    form, count = length & 3, length >> 2
    require(form <= PLUS_AND_DIGITS, "unknown form")
    if form == TEXT:
        end = offset + count
        require(end <= len(raw), "text cut off")
        piece = raw[offset:end]
        text = check_text(piece)
        bare = text[1:] if text.startswith("+") else text
        require(not (bare and all(letter in "0123456789" for letter in bare)), "digits as text")
        return text, end
    require(0 < count <= 3 * len(raw), "digits cut off")
    said = "+" if form == PLUS_AND_DIGITS else ""
    while count:
        part = min(count, MAX_DIGITS)
        size = ((10 ** part - 1).bit_length() + 7) // 8
        require(offset + size <= len(raw), "digits cut off")
        digits = str(int.from_bytes(raw[offset:offset + size], "big"))
        require(len(digits) <= part, "not digits")
        said += digits.zfill(part)
        offset, count = offset + size, count - part
    return said, offset


def personal_leaf(salt, values):
    """The hash that stands for what one change says of a person."""
    said = b"".join(
        varint_bytes(tag) + varint_bytes(len(text.encode())) + text.encode() for tag, text in values)
    return hashlib.sha256(salt + said).digest()
