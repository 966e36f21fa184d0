"""Postings and feed pages of Daybook's protocol, version 1: what travels by columns."""

import hashlib
from itertools import islice

from daybook_canonical import entry_bytes, record_bytes
from daybook_columns import (
    MAX_GROUPS, MAX_NAMED, Budget, blob_column, check_stamp, check_stamp_or_nobody, check_tag, content_size,
    field_column, integer_column, integers_to_the_end, moment_ms, node, value_message,
)
from daybook_wire import parse, require, schema, signed

# SPEC.md, "Limits".
MAX_ENTRIES = 1_000
MAX_CHANGES = 8_000
MAX_CHANGES_IN_ENTRY = 1_000
MAX_ENTRY_SIZE = 512 * 1024
MAX_RECORD_SIZE = 64 * 1024
MAX_FIELDS = 256
MAX_STAMPS_NAMED = 1_000

HASH_BYTES = 32


def check_hash(data, number):
    """SHA-256 of posting `number`, or nothing when there was none (number 0)."""
    require(len(data) == (HASH_BYTES if number else 0), "hash of a wrong length")
    return data.hex()


# ---- Postings (SPEC.md, "Entries and postings") ----

SEALED_POSTING = schema("1 bytes posting, 2 bytes signature, 3 message personal")
PERSONAL_PART = schema(
    "1 bytes lock, 2 uint32 count, 3 bytes entry, 4 bytes entries, 5 bytes counter, 6 bytes box,"
    "7 *message kept")
CAPSULE_BYTES = 32
POSTING = schema(
    "1 fixed64 incarnation, 2 uint64 number, 3 bytes previous_hash, 4 uint64 first_entry,"
    "5 uint32 entry_count, 6 bytes person, 7 bytes wall, 8 bytes monotonic, 9 bytes boot,"
    "10 bytes change_count, 11 *message births, 12 *message edits, 13 *message removals,"
    "14 uint32 catalogue, 15 bytes personal_hash")
BIRTHS = schema(
    "1 uint32 collection, 2 uint32 count, 3 bytes id, 4 bytes scope, 5 *message fields,"
    "6 uint32 scope_field")
EDITS = schema(
    "1 uint32 collection, 2 uint32 count, 3 bytes stamp, 4 bytes record, 5 message value,"
    "6 bytes replaced_count, 7 bytes replaced")
REMOVALS = schema(
    "1 uint32 collection, 2 uint32 count, 3 bytes stamp, 4 bytes record, 5 bytes seen_count,"
    "6 bytes seen")


def posting(raw):
    outer = parse(raw, SEALED_POSTING)
    sealed = outer["posting"]
    message = parse(sealed, POSTING)
    number, first, count = message["number"], message["first_entry"], message["entry_count"]
    require(number >= 1, "posting without number")
    require(1 <= first < 1 << 62, "entry without number")
    require(1 <= count <= MAX_ENTRIES, "too few or too many entries")
    previous_hash = check_hash(message["previous_hash"], number - 1)

    changes = iter(changes_by_stamp(message))
    columns = (integer_column(message[name], count)
               for name in ("person", "wall", "monotonic", "boot", "change_count"))
    entries = []
    for person, wall_less, monotonic_less, boot, change_count in zip(*columns):
        require(1 <= change_count <= MAX_CHANGES_IN_ENTRY, "too few or too many changes")
        own = list(islice(changes, change_count))
        require(len(own) == change_count, "changes missing")
        require(sum(map(change_size, own)) <= MAX_ENTRY_SIZE, "entry too large")
        # Told less the moment in the first stamp, and less the wall clock.
        wall = signed(moment_ms(change_stamp(own[0])) + wall_less)
        monotonic = signed(wall + monotonic_less)
        entry = {"number": first + len(entries), "wall": wall, "monotonic": monotonic,
                 "boot": boot % (1 << 64), "changes": own}
        if check_stamp_or_nobody(person):
            entry["person"] = person
        entry["canonical"] = entry_bytes(entry).hex()
        # Of one that names persons it follows from what head office reads.
        if not any(map(names_somebody, own)):
            entry["new_node"] = new_node(entry_bytes(entry), node(change_stamp(own[0])))
        entries.append(entry)
    require(next(changes, None) is None, "changes left over")
    require(len(message["personal_hash"]) in (0, HASH_BYTES), "personal hash of a wrong length")
    decoded = {
        "incarnation": message["incarnation"], "number": number,
        "previous_hash": previous_hash, "catalogue": message["catalogue"],
        "hash": hashlib.sha256(sealed).hexdigest(), "signature": outer["signature"].hex(),
        "entries": entries, "personal_hash": message["personal_hash"].hex()}
    if outer["personal"] is not None:
        decoded.update(personal_part(outer["personal"]))
    return decoded


def personal_part(raw):
    """The boxes of what names persons, as they are sealed (SPEC.md, "Personal values")."""
    message = parse(raw, PERSONAL_PART)
    count = message["count"]
    require(count <= MAX_ENTRIES, "too many boxes")
    require(not message["kept"], "what only head office keeps")
    require(len(message["lock"]) == (CAPSULE_BYTES if count else 0), "capsule of a wrong length")
    starts, lengths, counters = (
        integer_column(message[name], count) for name in ("entry", "entries", "counter"))
    boxes = blob_column(message["box"], count, Budget().take_text)
    place = 0
    for start, length, counter in zip(starts, lengths, counters):
        require(place <= start < MAX_ENTRIES and 1 <= length <= MAX_ENTRIES, "boxes overlap")
        require(0 <= counter < (1 << 63) - 1 - length, "counter out of range")
        place = start + length
    return {"lock": message["lock"].hex(), "boxes": [
        [*numbers, box.hex()] for *numbers, box in zip(starts, lengths, counters, boxes)]}


def names_somebody(change):
    values = [value for _, value in change.get("fields", [])] + [change.get("value") or {}]
    return any("personal" in value for value in values)


def new_node(canonical, old):
    """The node of an entry's new names, were its own taken (SPEC.md, "Name taken")."""
    number = int.from_bytes(hashlib.sha256(canonical).digest()[:3], "big") >> 3
    while number in (0, old):
        number = (number + 1) % (1 << 21)
    return number


def changes_by_stamp(message):
    """All changes of a posting, in the order of their stamps."""
    groups = [(decode, parse(data, fields)) for name, fields, decode in (
        ("births", BIRTHS, births), ("edits", EDITS, edits), ("removals", REMOVALS, removals),
    ) for data in message[name]]
    require(len(groups) <= MAX_GROUPS, "too many groups")
    require(sum(group["count"] for _, group in groups) <= MAX_CHANGES, "too many changes")
    budget, stamped = Budget(), []
    for decode, group in groups:
        check_tag(group["collection"])
        rows = decode(group, budget)
        require(all(a[0] < b[0] for a, b in zip(rows, rows[1:])), "group not in order of stamps")
        stamped += rows
    stamped.sort(key=lambda row: row[0])
    stamps = [stamp for stamp, _ in stamped]
    require(len(set(stamps)) == len(stamps), "stamp twice")
    require(len(set(map(node, stamps))) <= 1, "stamps of several nodes")
    return [change for _, change in stamped]


def stamp_column(data, count, check=check_stamp):
    return [check(number) for number in integer_column(data, count)]


def scopes(group, rows):
    """As they are told, or as a field of each says."""
    if not group["scope_field"]:
        return stamp_column(group["scope"], group["count"])
    require(not group["scope"], "scopes told twice")
    said = [dict((tag, value) for tag, value in row).get(group["scope_field"]) for row in rows]
    require(all(value and "integer" in value for value in said), "a scope that no field says")
    return [check_stamp(value["integer"]) for value in said]


def births(group, budget):
    count = group["count"]
    fields = fields_by_row(group["fields"], count, budget)
    rows = [(stamp, {"birth": stamp, "collection": group["collection"], "scope": scope,
                     "fields": row})
            for stamp, scope, row in zip(stamp_column(group["id"], count),
                                         scopes(group, fields), fields)]
    for _, birth in rows:
        require(change_size(birth) <= MAX_RECORD_SIZE, "record too large")
        require(len(birth["fields"]) <= MAX_FIELDS, "too many fields")
    return rows


def fields_by_row(columns, count, budget):
    """For each row the list of `[tag, value]`, by tag."""
    budget.take_cells(count * len(columns))
    rows = [{} for _ in range(count)]
    for data in columns:
        tag, values = field_column(data, count, budget)
        for row, value in zip(rows, values):
            if value is not None:
                require(tag not in row, "field twice")
                row[tag] = value
    return [[[tag, row[tag]] for tag in sorted(row)] for row in rows]


def edits(group, budget):
    budget.take_cells(group["count"])
    tag, values = field_column(group["value"], group["count"], budget, of_edits=True)
    rows = []
    named = named_stamps(group, group["replaced_count"], group["replaced"], budget)
    for (stamp, record, replaced), value in zip(named, values):
        require(stamp != record, "an edit named as its record")
        change = {"edit": stamp, "collection": group["collection"], "record": record,
                  "field": tag, "replaces": replaced}
        if value is not None:
            change["value"] = value
        rows.append((stamp, change))
    return rows


def removals(group, budget):
    return [(stamp, {"removal": stamp, "collection": group["collection"], "record": record,
                     "seen": seen})
            for stamp, record, seen
            in named_stamps(group, group["seen_count"], group["seen"], budget)]


def named_stamps(group, counts_data, stamps_data, budget):
    """For each edit or removal its stamp, its record, and the stamps that it names."""
    count = group["count"]
    stamps = stamp_column(group["stamp"], count)
    records = stamp_column(group["record"], count)
    counts = integer_column(counts_data, count)
    for number in counts:
        require(1 <= number <= MAX_STAMPS_NAMED, "names too few or too many stamps")
    budget.take_named(sum(counts))
    differences = iter(integer_column(stamps_data, sum(counts)))
    rows = []
    for stamp, record, number in zip(stamps, records, counts):
        named = [check_stamp(signed(record + next(differences))) for _ in range(number)]
        require(all(a < b for a, b in zip(named, named[1:])), "named stamps not rising")
        rows.append((stamp, record, named))
    return rows


def change_stamp(change):
    return change.get("birth") or change.get("edit") or change["removal"]


def change_size(change):
    """What a change counts for in its entry (SPEC.md, "Limits")."""
    if "birth" in change:
        return fields_size(change["fields"])
    if "edit" in change:
        return 32 + content_size(change.get("value")) + 8 * len(change["replaces"])
    return 24 + 8 * len(change["seen"])


def fields_size(fields):
    return 24 + sum(3 + content_size(value) for _, value in fields)


# ---- The feed (SPEC.md, "An exchange", "Heads") ----

FEED = schema(
    "1 fixed64 scope, 2 uint64 through, 3 *message states, 4 uint64 after, 5 fixed64 run,"
    "6 bytes personal_hash")
STATES = schema(
    "1 uint32 collection, 2 uint32 count, 3 bytes id, 4 bytes by, 5 bytes at_less_id_ms,"
    "6 *message fields, 7 bytes head_index, 8 bytes head_field, 9 bytes head_shown,"
    "10 bytes head_others, 11 *message others, 12 uint32 removed_count, 13 bytes removed,"
    "14 bytes sequence, 15 bytes removed_sequence, 16 bytes head_earlier_ms,"
    "17 bytes uncertainty_ms, 18 bytes head_by")
OTHER_HEAD = schema("1 fixed64 stamp, 2 message value, 3 uint64 earlier_ms, 4 fixed64 by")
MAX_SEQUENCE = (1 << 63) - 1


def feed(raw, personal=b"", budget=None):
    message = parse(raw, FEED)
    scope, after = check_stamp(message["scope"]), message["after"]
    require(after <= message["through"], "ends before it begins")
    groups = [parse(data, STATES) for data in message["states"]]
    budget = budget or Budget()
    budget.take_rows(sum(group["count"] + group["removed_count"] for group in groups))
    collections = [group["collection"] for group in groups]
    require(collections == sorted(set(collections)), "collections out of order")
    budget.take_groups(len(groups))
    records, removed = [], []
    for group in groups:
        check_tag(group["collection"])
        records += states(group, scope, after, budget)
        removed += [[group["collection"], stamp, sequence] for stamp, sequence in zip(
            rising(stamp_column(group["removed"], group["removed_count"])),
            sequences(group["removed_sequence"], group["removed_count"], after))]
    return {"scope": scope, "run": message["run"], "after": after, "through": message["through"],
            "records": records, "removed": removed,
            "personal": beside(personal, message["personal_hash"]).hex()}


def beside(personal, hashed):
    """What is sealed beside states, of which they hold the hash; it may have been let go."""
    require(len(hashed) in (0, HASH_BYTES), "personal hash of a wrong length")
    require(not personal or hashlib.sha256(personal).digest() == hashed, "another personal part")
    return personal


def rising(stamps):
    require(all(a < b for a, b in zip(stamps, stamps[1:])), "ids out of order")
    return stamps


def sequences(data, count, after):
    """Sequences are told less the frame's `after`."""
    rest = integer_column(data, count)
    require(all(0 <= each and after + each <= MAX_SEQUENCE for each in rest), "not a sequence")
    return [after + each for each in rest]


def states(group, scope, after, budget):
    count = group["count"]
    records = []
    for stamp, by, at, within, fields in zip(
        rising(stamp_column(group["id"], count)),
        stamp_column(group["by"], count, check_stamp_or_nobody),
        integer_column(group["at_less_id_ms"], count),
        uncertainties(group["uncertainty_ms"], count),
        fields_by_row(group["fields"], count, budget),
    ):
        record = {"collection": group["collection"], "id": stamp, "scope": scope,
                  "at": signed(moment_ms(stamp) + at), "fields": fields, "heads": []}
        if by:
            record["by"] = by
        if within:
            record["within"] = within
        records.append(record)
    place_heads(group, records, budget)
    for record, sequence in zip(records, sequences(group["sequence"], count, after)):
        record["sequence"] = sequence
    for record in records:
        record["canonical"] = record_bytes(record).hex()
    return records


def uncertainties(data, count):
    numbers = integer_column(data, count) if data else [0] * count
    require(min(numbers, default=0) >= 0, "less than sure")
    return numbers


def place_heads(group, records, budget):
    """Puts the heads that are not just the birth into their records."""
    indexes = integers_to_the_end(group["head_index"], MAX_NAMED)
    budget.take_named(len(indexes) + len(group["others"]))
    tags, shown, others_counts, earlier, persons = (
        integer_column(group[name], len(indexes))
        for name in ("head_field", "head_shown", "head_others", "head_earlier_ms", "head_by"))
    others = iter([other_head(data, budget) for data in group["others"]])
    places = list(zip(indexes, tags))
    require(all(a < b for a, b in zip(places, places[1:])), "heads not in order")
    for index, tag, difference, count, early, by in zip(
            indexes, tags, shown, others_counts, earlier, persons):
        require(early >= 0, "a head later than its stamp")
        require(0 <= index < len(records), "head of no record")
        require(0 <= count <= len(group["others"]), "other heads missing")
        own = list(islice(others, count))
        require(len(own) == count, "other heads missing")
        require(all(a["stamp"] < b["stamp"] for a, b in zip(own, own[1:])),
                "other heads not in order")
        record = records[index]
        name = check_stamp(signed(record["id"] + difference))
        head = {"field": check_tag(tag), "shown": name, "time": moment_ms(name) - early,
                "others": own}
        if check_stamp_or_nobody(by):
            head["by"] = by
        record["heads"].append(head)
    require(next(others, None) is None, "other heads left over")


def other_head(data, budget):
    message = parse(data, OTHER_HEAD)
    name = check_stamp(message["stamp"])
    head = {"stamp": name, "time": moment_ms(name) - message["earlier_ms"]}
    if check_stamp_or_nobody(message["by"]):
        head["by"] = message["by"]
    if message["value"] is not None:
        head["value"] = value_message(message["value"], budget)
    return head
