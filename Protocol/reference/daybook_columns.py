"""Values and columns of Daybook's protocol, version 1.

A value is kept as the vectors write it: {"integer": n}, {"text": s}, {"bytes": hex},
{"amount": n, "currency": s} or {"personal": true}; None stands for no value.
"""

from daybook_wire import (
    LENGTH_DELIMITED, VARINT, Malformed, parse, read_varint, require, signed, text, unzigzag,
    wire_fields,
)

# SPEC.md, "Limits".
MAX_CELLS = 400_000
MAX_TEXT = 4 * 1024 * 1024
MAX_NAMED = 65_536
MAX_FEED_ROWS = 2_000
MAX_GROUPS = 1_024

MAX_TAG = 65_536
NO_CLASS, INTEGER, TEXT, BYTES, AMOUNT, PERSONAL = 0, 1, 2, 3, 4, 5


class Budget:
    """What one message may still write out (SPEC.md, "Limits")."""

    def __init__(self):
        self.cells = MAX_CELLS
        self.text = MAX_TEXT
        self.named = MAX_NAMED
        self.rows = MAX_FEED_ROWS
        self.groups = MAX_GROUPS

    def take_cells(self, count):
        self.cells -= count
        require(self.cells >= 0, "too many rows and columns")

    def take_rows(self, count):
        self.rows -= count
        require(self.rows >= 0, "too many records and tombstones")

    def take_groups(self, count):
        self.groups -= count
        require(self.groups >= 0, "too many groups")

    def take_named(self, count):
        self.named -= count
        require(self.named >= 0, "too many stamps named")

    def take_text(self, count):
        self.text -= count
        require(self.text >= 0, "too much text")


# ---- Stamps (SPEC.md, "Stamps") ----

EPOCH_MS = 1_735_689_600_000
NODE_BITS = 21


def check_stamp(number):
    require(0 < number < 1 << 63, "not a stamp")
    return number


def check_stamp_or_nobody(number):
    return number if number == 0 else check_stamp(number)


def moment_ms(stamp):
    """The moment in a stamp, in milliseconds since 1970."""
    return EPOCH_MS + (stamp >> NODE_BITS)


def node(stamp):
    return stamp & (1 << NODE_BITS) - 1


# ---- Columns (SPEC.md, "Columns") ----

METHOD_DELTA, METHOD_RUNS = 1, 2
LAST_LONE_METHOD, METHOD_SPLIT, METHOD_DICTIONARY = 3, 4, 5
BLOBS_PLAIN, BLOBS_DICTIONARY = 0, 1


def integer_column(data, count):
    """Exactly `count` 64-bit signed integers."""
    return integers(data, count, (METHOD_SPLIT, METHOD_DICTIONARY))


def integers(data, count, nesting):
    """`nesting` names the methods with columns of their own that may stand here."""
    if count and data and data[0] in nesting:
        return split(data, count) if data[0] == METHOD_SPLIT else chosen(data, count)
    values = integers_to_the_end(data, count)
    require(len(values) == count, "column too short")
    return values


def split(data, count):
    length, offset = read_varint(data, 1)
    require(length <= len(data) - offset, "upper parts cut off")
    upper = integers(data[offset:offset + length], count, ())
    lower = integers(data[offset + length:], count, (METHOD_DICTIONARY,))
    require(min(lower) >= 0 and max(lower) < 1 << NODE_BITS, "a lower part out of range")
    return [signed(high << NODE_BITS | low) for high, low in zip(upper, lower)]


def chosen(data, count):
    distinct, offset = read_varint(data, 1)
    require(1 <= distinct <= count, "dictionary of a wrong size")
    length, offset = read_varint(data, offset)
    require(length <= len(data) - offset, "dictionary cut off")
    words = integers(data[offset:offset + length], distinct, ())
    indexes = integers(data[offset + length:], count, ())
    require(0 <= min(indexes) and max(indexes) < distinct, "index outside of the dictionary")
    return [words[index] for index in indexes]


def integers_to_the_end(data, at_most):
    """All integers of a column whose number is told nowhere (the heads of `States`)."""
    if not data:
        return []
    method, offset, values = data[0], 1, []
    require(method <= LAST_LONE_METHOD, "unknown method of integer column")
    while offset < len(data):
        number, offset = read_varint(data, offset)
        times = 1
        if method & METHOD_RUNS:
            times, offset = read_varint(data, offset)
            require(times >= 1, "empty run")
        require(times <= at_most - len(values), "column too long")
        values += [unzigzag(number)] * times
    require(values, "column of no values with bytes")
    if method & METHOD_DELTA:
        for position in range(1, len(values)):
            values[position] = signed(values[position - 1] + values[position])
    return values


def blob_column(data, count, take=lambda length: None):
    """Exactly `count` byte strings. `take` is told how many bytes are written out, beforehand."""
    if count == 0:
        require(not data, "column of no values with bytes")
        return []
    require(data, "column too short")
    method = data[0]
    if method == BLOBS_PLAIN:
        blobs = plain_blobs(data[1:], count)
        take(sum(map(len, blobs)))
        return blobs
    require(method == BLOBS_DICTIONARY, "unknown method of blob column")
    distinct, offset = read_varint(data, 1)
    require(1 <= distinct <= count, "dictionary of a wrong size")
    length, offset = read_varint(data, offset)
    require(length <= len(data) - offset, "dictionary cut off")
    words = plain_blobs(data[offset:offset + length], distinct)
    indexes = integer_column(data[offset + length:], count)
    require(0 <= min(indexes) and max(indexes) < distinct, "index outside of the dictionary")
    take(sum(len(words[index]) for index in indexes))
    return [words[index] for index in indexes]


def plain_blobs(data, count):
    length, offset = read_varint(data, 0)
    require(length <= len(data) - offset, "lengths cut off")
    lengths = integer_column(data[offset:offset + length], count)
    require(min(lengths) >= 0, "negative length")
    offset += length
    require(sum(lengths) == len(data) - offset, "blobs too short or too long")
    blobs = []
    for length in lengths:
        blobs.append(data[offset:offset + length])
        offset += length
    return blobs


COLUMN = {1: ("field", "uint32"), 2: ("storage", "uint32"), 3: ("presence", "bytes"),
          4: ("data", "bytes"), 5: ("currency", "bytes")}


def field_column(data, rows, budget, of_edits=False):
    """A message `Column`: the field's tag, and for each row its value or None. The caller has
    taken its cells from the budget."""
    column = parse(data or b"", COLUMN)
    tag, storage = check_tag(column["field"]), column["storage"]
    require(storage <= PERSONAL, "unknown class")
    if of_edits and storage == NO_CLASS and not column["presence"]:
        present = []
    else:
        present = present_rows(column["presence"], rows)
    require((storage == NO_CLASS) == (not present), "class without values, or values without class")
    require(storage == AMOUNT or not column["currency"], "currencies of no amounts")
    values = [None] * rows
    for row, value in zip(present, column_values(column, len(present), budget)):
        values[row] = value
    return tag, values


def present_rows(presence, rows):
    if not presence:
        return range(rows)
    require(len(presence) == (rows + 7) // 8, "presence of a wrong length")
    bits = int.from_bytes(presence, "little")
    require(bits >> rows == 0, "presence past the end")
    return [row for row in range(rows) if presence[row >> 3] >> (row & 7) & 1]


def column_values(column, count, budget):
    storage, data = column["storage"], column["data"]
    if storage == NO_CLASS:
        require(not data, "data without values")
        return []
    if storage == PERSONAL:
        require(not data, "personal values with data")
        return [{"personal": True}] * count
    if storage == INTEGER:
        return [{"integer": number} for number in integer_column(data, count)]
    if storage == TEXT:
        return [{"text": check_text(blob)} for blob in blob_column(data, count, budget.take_text)]
    if storage == BYTES:
        return [{"bytes": blob.hex()} for blob in blob_column(data, count, budget.take_text)]
    codes = map(check_currency, blob_column(column["currency"], count))
    return [{"amount": minor, "currency": code}
            for minor, code in zip(integer_column(data, count), codes)]


# ---- Values (SPEC.md, "Values") ----

def check_tag(number):
    require(1 <= number <= MAX_TAG, "tag out of range")
    return number


def check_text(data):
    require(0 not in data, "NUL in text")
    return text(data)


def check_currency(data):
    require(len(data) == 3 and all(65 <= letter <= 90 for letter in data), "not a currency")
    return data.decode("ascii")


AMOUNT_MESSAGE = {1: ("minor", "sint64"), 2: ("currency", "bytes")}
VALUE_MESSAGE = {1: ("integer", "sint64"), 2: ("text", "bytes"), 3: ("bytes", "bytes"),
                 4: ("amount", "message"), 5: ("personal", "bool")}


def value_message(data, budget):
    """The message `Value`: of a `oneof`, the last one that came counts."""
    chosen = None
    for number, wire_type, _ in wire_fields(data):
        if number in VALUE_MESSAGE and wire_type == (
            VARINT if number in (INTEGER, PERSONAL) else LENGTH_DELIMITED
        ):
            chosen = number
    content = parse(data, VALUE_MESSAGE)
    if chosen == INTEGER:
        return {"integer": content["integer"]}
    if chosen == PERSONAL:
        return {"personal": True}
    if chosen == AMOUNT:
        amount = parse(content["amount"], AMOUNT_MESSAGE)
        return {"amount": amount["minor"], "currency": check_currency(amount["currency"])}
    if chosen is None:
        raise Malformed("value of no class")
    blob = content["text" if chosen == TEXT else "bytes"]
    budget.take_text(len(blob))
    return {"text": check_text(blob)} if chosen == TEXT else {"bytes": blob.hex()}


def content_size(value):
    """What a value counts for in the limits of an entry and of a record."""
    if value is None or "personal" in value:
        return 0
    if "amount" in value:
        return 11
    if "integer" in value:
        return 8
    return len(value["text"].encode()) if "text" in value else len(value["bytes"]) // 2
