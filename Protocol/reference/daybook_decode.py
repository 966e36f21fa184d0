"""A decoder of Daybook's protocol, version 1, written from SPEC.md alone.

`decode_frame` gives one frame's message as the vectors write it; `decode_body` gives each frame
of a body in turn. Bytes that a decoder must refuse raise `Malformed`; nothing else is raised.
"""

from daybook_columns import Budget, NODE_BITS, check_stamp, integer_column
from daybook_records import MAX_ENTRIES, check_hash, feed, posting
from daybook_wire import (
    MAX_BODY, MAX_POSTINGS_IN_EXCHANGE, Malformed, parse, read_frame, require, schema,
)

__all__ = ["Malformed", "decode_frame", "decode_body"]

MAX_SCOPES = 1_000
DIGEST_BYTES = 16
MAX_KEY_CHANGES = 64
PUBLIC_KEY_BYTES = 32
MAX_PEOPLE = 1_000
SALT_BYTES, SLOW_HASH_BYTES = 16, 32
MAX_WRAPPED_KEYS = 128
MAX_SILENT = 1_000
NAME_BYTES = 8
MAX_TERMS_NAME = 32
MAX_SILENT_SCOPES = 16_384
MAX_CODE_BYTES = 64


# ---- The other messages (SPEC.md, "An exchange") ----

HELLO = schema(
    "1 uint32 protocol_min, 2 uint32 protocol_max, 3 uint32 catalogue, 4 fixed64 incarnation,"
    "5 message clock, 6 message held, 7 *message scopes, 8 uint64 last_posting,"
    "9 bytes last_posting_name, 10 bool wants_node, 11 *message past,"
    "12 bool wants_incarnation, 13 bool returning, 14 *message keys,"
    "15 bytes terms_name, 16 bool retiring, 17 bytes scopes_name")
STILL = schema("1 fixed64 incarnation, 2 uint64 sequence, 3 bytes name, 4 sint64 wall")
KEY_CHANGE = schema("1 bytes key, 2 bytes signature")
CLOCK = schema("1 sint64 wall, 2 sint64 monotonic, 3 fixed64 boot")
CURSOR = schema("1 fixed64 run, 2 uint64 sequence")
SCOPE_CURSOR = schema(
    "1 fixed64 scope, 2 uint64 sequence, 3 bool gaining, 4 uint32 personal_days,"
    "5 fixed32 reading")
WELCOME = schema(
    "1 uint32 protocol, 2 uint32 catalogue, 3 sint64 office_time, 4 fixed64 run,"
    "5 uint64 acknowledged_posting, 6 message terms, 7 uint32 node, 8 bool regressed,"
    "9 uint64 base, 10 fixed64 incarnation, 11 bytes safe_to_wipe")
TERMS = schema(
    "1 *fixed64 scopes, 2 *uint32 personal_days, 3 *message people, 4 *message silent,"
    "5 bytes key_name, 6 uint64 backup_mark, 7 bool retiring, 8 bytes name, 9 *fixed32 reading")
SILENT = schema("1 string laptop, 2 sint64 since, 3 *fixed64 scopes")
PERSON = schema("1 fixed64 person, 2 sint64 code_ms, 3 bytes salt, 4 bytes hash, 5 bytes keys")
VERDICTS = schema(
    "1 uint64 posting, 2 uint64 first_entry, 3 uint32 entry_count, 4 uint64 sequence,"
    "5 bytes at_less_wall_ms, 6 bytes uncertainty_ms, 7 *message refused,"
    "8 *uint64 name_taken, 9 sint64 arrived, 10 bytes receipt")
REFUSED = schema("1 uint64 entry, 2 fixed64 stamp, 3 uint32 reason, 4 string detail")
MOMENT = schema("1 fixed64 run, 2 uint64 sequence, 3 bytes digests")
REFUSAL = schema("1 uint32 code, 2 string detail, 3 uint32 retry_after_ms, 4 uint64 kept_posting")
QUIET = schema("1 sint64 office_time")
DONE = schema("1 bool more")
ENROL = schema("3 string code, 4 uint32 catalogue, 5 bytes certificate, 6 bytes key, 7 bytes signature")
ENROLLED = schema(
    "1 fixed64 organisation, 2 fixed64 incarnation, 3 uint32 node, 4 string laptop,"
    "5 bytes secret, 6 *fixed64 people, 7 bytes certificate, 8 bytes office_key,"
    "9 bytes sealing_key")
PROVEN = schema("1 bytes content, 2 bytes proof, 3 bytes personal")
TAKEN = schema("1 uint32 count, 2 uint64 sequence")
COMPARE = schema("1 fixed64 scope, 2 *message ranges")
STAMP_RANGE = schema("1 fixed64 first, 2 fixed64 last")
COMPARED = schema("1 fixed64 scope, 2 *message ranges, 3 *message leaves")
RANGE_DIGEST = schema("1 message range, 2 bytes digest, 3 uint64 count")
LEAF = schema("1 message range, 2 message states, 3 bytes personal")
BUNDLE = schema("1 fixed64 incarnation, 2 bool answer, 3 bytes proof, 4 uint64 bytes")

MAX_PAST_RUNS = 64
MAX_RANGES = 64
MAX_PARTS = 1_024
BUNDLE_PROOF_BYTES = 32


def check_node(number):
    require(number < 1 << NODE_BITS, "node out of range")
    return number


def check_key(key):
    require(len(key) == PUBLIC_KEY_BYTES, "public key of a wrong length")
    return key


def hello(raw):
    message = parse(raw, HELLO)
    message.update(parse(message.pop("clock") or b"", CLOCK))
    held = message.pop("held")
    if held is not None:
        message["held"] = list(parse(held, CURSOR).values())
    require(len(message["past"]) <= MAX_PAST_RUNS, "too many past runs")
    message["past"] = [list(parse(data, CURSOR).values()) for data in message["past"]]
    require(len(message["scopes"]) <= MAX_SCOPES, "too many scopes")
    cursors = [parse(data, SCOPE_CURSOR) for data in message["scopes"]]
    message["gaining"] = sorted(each["scope"] for each in cursors if each["gaining"])
    message["personal_days"] = sorted(
        [each["scope"], each["personal_days"]] for each in cursors if each["personal_days"])
    message["scopes"] = sorted([check_stamp(each["scope"]), each["sequence"]] for each in cursors)
    require(len(message["keys"]) <= MAX_KEY_CHANGES, "too many key changes")
    changes = [parse(data, KEY_CHANGE) for data in message["keys"]]
    message["keys"] = [[check_key(each["key"]).hex(), each["signature"].hex()] for each in changes]
    message["reading"] = sorted(
        [each["scope"], each["reading"]] for each in cursors if each["reading"])
    require(len(message["terms_name"]) <= MAX_TERMS_NAME, "name too long")
    message["terms_name"] = message["terms_name"].hex()
    named = message.pop("scopes_name")
    if named:
        require(len(named) == NAME_BYTES and not cursors and held is not None, "scopes told twice")
        message["scopes_name"] = named.hex()
    require(len(message["last_posting_name"]) == (NAME_BYTES if message["last_posting"] else 0),
            "name of a wrong length")
    message["last_posting_name"] = message["last_posting_name"].hex()
    return message


def welcome(raw):
    message = parse(raw, WELCOME)
    del message["protocol"]
    check_node(message["node"])
    require(message["node"] or not message["incarnation"], "incarnation without node")
    message["safe_to_wipe"] = message["safe_to_wipe"].hex()
    terms_message = message.pop("terms")
    if terms_message is not None:
        message["terms"] = terms(terms_message)
    return message


def still(raw):
    message = parse(raw, STILL)
    require(len(message["name"]) == NAME_BYTES, "name of a wrong length")
    message["name"] = message["name"].hex()
    return message


def terms(raw):
    message = parse(raw, TERMS)
    check_scopes(message["scopes"])
    days = message["personal_days"]
    require(not days or len(days) == len(message["scopes"]), "days of no scope")
    message["personal_days"] = sorted(
        [scope, count] for scope, count in zip(message["scopes"], days) if count)
    reading = message["reading"]
    require(not reading or len(reading) == len(message["scopes"]), "reading of no scope")
    message["reading"] = sorted(
        [scope, number] for scope, number in zip(message["scopes"], reading) if number)
    require(len(message["name"]) <= MAX_TERMS_NAME, "name too long")
    message["name"] = message["name"].hex()
    message["key_name"] = message["key_name"].hex()
    message["silent"] = [silent(data) for data in message["silent"]]
    require(len(message["silent"]) <= MAX_SILENT, "too many silent laptops")
    require(sum(len(each[2]) for each in message["silent"]) <= MAX_SILENT_SCOPES,
            "too many scopes of silent laptops")
    names = [each[0].encode() for each in message["silent"]]
    require(all(a < b for a, b in zip(names, names[1:])), "silent laptops out of order")
    message["people"] = [person(data) for data in message["people"]]
    require(len(message["people"]) <= MAX_PEOPLE, "too many people")
    ids = [each[0] for each in message["people"]]
    require(all(a < b for a, b in zip(ids, ids[1:])), "people out of order")
    return message


def check_scopes(scopes):
    require(len(scopes) <= MAX_SCOPES, "too many scopes")
    require(all(a < b for a, b in zip(scopes, scopes[1:])), "scopes out of order")
    return [check_stamp(scope) for scope in scopes]


def silent(raw):
    message = parse(raw, SILENT)
    scopes = check_scopes(message["scopes"])
    require("\0" not in message["laptop"], "a name with NUL")
    return [message["laptop"], message["since"], scopes]


def person(raw):
    message = parse(raw, PERSON)
    check_stamp(message["person"])
    if message["code_ms"] or message["salt"] or message["hash"]:
        require(len(message["salt"]) == SALT_BYTES and len(message["hash"]) == SLOW_HASH_BYTES,
                "slow hash of a wrong length")
    require(len(message["keys"]) <= MAX_WRAPPED_KEYS, "wrapped keys too long")
    return [message["person"], message["code_ms"], message["salt"].hex(), message["hash"].hex(),
            message["keys"].hex()]


def proven(raw):
    """What head office proves, its proof, and what is sealed beside it."""
    message = parse(raw, PROVEN)
    return message["content"], message["proof"], message["personal"]


def verdicts(raw):
    message = parse(proven(raw)[0], VERDICTS)
    count = message.pop("entry_count")
    require(message["posting"] >= 1 and message["first_entry"] >= 1, "verdicts of nothing")
    require(1 <= count <= MAX_ENTRIES, "too few or too many entries")
    message["corrections"] = integer_column(message.pop("at_less_wall_ms"), count)
    message["uncertainties"] = integer_column(message.pop("uncertainty_ms"), count)
    message["receipt"] = message["receipt"].hex()
    message["refused"] = [parse(data, REFUSED) for data in message["refused"]]
    for refused in message["refused"]:
        check_stamp(refused["stamp"])
    entries = range(message["first_entry"], message["first_entry"] + count)
    for entry in [refused["entry"] for refused in message["refused"]] + message["name_taken"]:
        require(entry in entries, "verdict on an entry of another posting")
    return message


def moment(raw):
    message = parse(raw, MOMENT)
    names = message["digests"]
    count, rest = divmod(len(names), NAME_BYTES)
    require(not rest and count <= MAX_SCOPES, "digests of a wrong length")
    message["digests"] = [names[NAME_BYTES * place:NAME_BYTES * (place + 1)].hex()
                          for place in range(count)]
    return message


def enrolled(raw):
    message = parse(raw, ENROLLED)
    check_node(message["node"])
    check_stamp(message["organisation"])
    for person in message["people"]:
        check_stamp(person)
    message["secret"] = message["secret"].hex()
    message["certificate"] = message["certificate"].hex()
    message["office_key"] = check_key(message["office_key"]).hex()
    message["sealing_key"] = check_key(message["sealing_key"]).hex()
    return message


def returned(raw):
    content, proof, personal = proven(raw)
    return {**feed(content, personal), "proof": proof.hex()}


def stamp_range(data):
    message = parse(data or b"", STAMP_RANGE)
    first, last = check_stamp(message["first"]), check_stamp(message["last"])
    require(first <= last, "range the wrong way round")
    return [first, last]


def compare(raw):
    message = parse(raw, COMPARE)
    require(len(message["ranges"]) <= MAX_RANGES, "too many ranges")
    return {"scope": check_stamp(message["scope"]), "ranges": list(map(stamp_range, message["ranges"]))}


def compared(raw):
    message = parse(raw, COMPARED)
    scope = check_stamp(message["scope"])
    require(len(message["ranges"]) + len(message["leaves"]) <= MAX_PARTS, "too many parts")
    parts = []
    for data in message["ranges"]:
        part = parse(data, RANGE_DIGEST)
        require(len(part["digest"]) == DIGEST_BYTES, "digest of a wrong length")
        parts.append([*stamp_range(part["range"]), part["digest"].hex(), part["count"]])
    budget = Budget()
    leaves = [leaf(data, scope, budget) for data in message["leaves"]]
    return {"scope": scope, "ranges": parts, "leaves": leaves}


def leaf(data, scope, budget):
    message = parse(data, LEAF)
    first, last = stamp_range(message["range"])
    states = feed(message["states"] or b"", message["personal"], budget)
    ids = [record["id"] for record in states["records"]] + [gone[1] for gone in states["removed"]]
    require(states["scope"] == scope and all(first <= each <= last for each in ids), "not a leaf")
    return {**states, "first": first, "last": last}


def enrol(raw):
    message = parse(raw, ENROL)
    require(len(message["code"].encode()) <= MAX_CODE_BYTES, "code too long")
    message["certificate"] = message["certificate"].hex()
    message["key"] = message["key"] and check_key(message["key"]).hex() or ""
    message["signature"] = message["signature"].hex()
    return message


def bundle(raw):
    message = parse(raw, BUNDLE)
    require(len(message["proof"]) == BUNDLE_PROOF_BYTES, "proof of a wrong length")
    message["proof"] = message["proof"].hex()
    return message


DECODERS = {
    "hello": hello, "posting": posting, "welcome": welcome, "verdicts": verdicts,
    "feed": lambda raw: feed(proven(raw)[0], proven(raw)[2]), "returned": returned, "compare": compare,
    "compared": compared, "bundle": bundle, "taken": lambda raw: parse(raw, TAKEN),
    "moment": moment, "enrolled": enrolled, "still": still, "quiet": lambda raw: parse(raw, QUIET),
    "refusal": lambda raw: parse(raw, REFUSAL),
    "done": lambda raw: parse(raw, DONE),
    "enrol": enrol,
}


# ---- Frames and bodies ----

def decode_frame(data):
    """The message of bytes that are exactly one frame."""
    kind, raw, end = read_frame(data)
    require(end == len(data), "bytes after the frame")
    return {"kind": kind, **DECODERS[kind](raw)}


REQUESTS = {"hello", "still", "enrol"}
# What may follow what: None stands for the beginning of a body.
NEXT = {
    None: {"hello", "still", "enrol", "welcome", "quiet", "done", "enrolled", "refusal"},
    "hello": {"returned", "posting", "compare", "done"},
    "returned": {"returned", "posting", "compare", "done"},
    "posting": {"posting", "compare", "done"},
    "compare": {"compare", "done"},
    "welcome": {"taken", "verdicts", "feed", "moment", "done", "refusal"},
    "taken": {"taken", "verdicts", "feed", "moment", "done", "refusal"},
    "verdicts": {"taken", "verdicts", "feed", "moment", "done", "refusal"},
    "feed": {"feed", "moment", "refusal"},
    "moment": {"compared", "done", "refusal"},
    "compared": {"compared", "done", "refusal"},
}


def decode_body(body):
    """Each message of a body, in order. What came before bytes to refuse stays given."""
    offset, before, postings = 0, None, 0
    while offset < len(body):
        kind, raw, offset = read_frame(body, offset)
        require(kind in NEXT.get(before, ()), "wrong order of frames")
        require(before or kind not in REQUESTS or len(body) <= MAX_BODY, "request too large")
        postings += kind == "posting"
        require(postings <= MAX_POSTINGS_IN_EXCHANGE, "too many postings")
        yield {"kind": kind, **DECODERS[kind](raw)}
        before = kind
