#!/usr/bin/env python3
"""Writes the fuzzer's seed corpus from the protocol's vectors and a few texts: run it after the vectors change."""
import json, os, zlib

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
dictionary = open(root + "/Protocol/dictionaries/v1.txt", "rb").read()


def put(decoder, name, content):
    folder = f"{here}/corpus/{decoder}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{name}", "wb") as file:
        file.write(content)


def varint_end(frame, place):
    while frame[place] >= 128:
        place += 1
    return place + 1


def head(frame):
    place = varint_end(frame, 1)
    return (place if frame[0] < 32 else varint_end(frame, place)) + 4


def inflated(frame):
    payload, encoding = frame[head(frame):], frame[0] >> 5
    if encoding == 0:
        return payload
    stream = zlib.decompressobj(zdict=dictionary) if encoding == 2 else zlib.decompressobj()
    return stream.decompress(payload, 1 << 16)


def stamp(number):
    return number.to_bytes(8, "big")


vectors = root + "/Protocol/vectors/v1"
for file in sorted(os.listdir(vectors)):
    name = file.removesuffix(".json")
    frame = bytes.fromhex(json.load(open(f"{vectors}/{file}"))["frame"])
    if len(frame) > 1 << 14:
        continue
    put("frames", name, frame)
    kind = ((frame[0] & 31) - 1) % 17
    try:
        raw = inflated(frame)
    except (zlib.error, IndexError):
        continue
    size = len(raw).to_bytes(3, "big")
    put("frames", name + "-mended", bytes([kind + 85 * ((frame[0] >> 5) % 3), *size]) + frame[head(frame):])
    put("messages", name, bytes([kind]) + raw)
    if not name.startswith("bad-"):
        put("bundles", name, frame)

for name in sorted(os.listdir(vectors)):
    opened = json.load(open(f"{vectors}/{name}")).get("opened", {})
    for place, plain in enumerate(opened.get("plain", [])):
        put("columns", f"personal-{place}", bytes([2, 0, 0]) + bytes.fromhex(plain))

for name, kind, count, content in [
    ("delta-runs", 0, 4, "030a01 0203"), ("plain", 0, 3, "00020406"), ("delta", 0, 3, "01020202"),
    ("runs", 0, 9, "020a09"), ("blobs", 1, 2, "00030002 04616263"), ("words", 1, 3, "0101 0402000261 01020300"),
]:
    put("columns", name, bytes([kind]) + count.to_bytes(2, "big") + bytes.fromhex(content.replace(" ", "")))

put("csv", "products", open(root + "/Fixtures/products.csv", "rb").read()[:2000])
put("csv", "baskets", open(root + "/Fixtures/baskets.csv", "rb").read()[:600])
put("csv", "quotes", b'a,"b ""c""",d\r\n"x\ny",,"\xe5\xbc\xa0"\r"",1\n')

record = (b"\x0b" + stamp(1 << 30) + stamp(1 << 29) + stamp(0) + stamp(1_777_600_000_000)
          + b"\x03" + b"\x01\x02\x03abc" + b"\x02\x01" + stamp(5) + b"\x03\x04" + stamp(3900) + b"CNY"
          + b"\x01\x02" + stamp(1 << 31) + b"\x01" + stamp(1 << 32) + b"\x02\x01x")
put("canonical", "record", b"\x00" + record)
put("canonical", "value", b"\x01\x02\x03abc")
put("canonical", "values", b"\x02\x01" + stamp(7) + b"\x00\x03\x02xy")
put("canonical", "fields", b"\x03\x02\x01\x02\x01a\x02\x01" + stamp(9))
put("canonical", "stamps", b"\x04" + stamp(1 << 40) + stamp(1 << 41))

for name, text in [
    ("stamp", "00132TMY8NEP0Z"), ("moment", "2026-05-01T09:30+08:00"), ("day", "2026-02-28"), ("amount", "-1,234.50 USD"),
    ("phone", "+86 138-0013-8000"), ("wide-phone", "０１０－６５５５ ８８８８"), ("zulu", "1970-01-01T00:00:00.001Z"),
    # Found by the fuzzer: it read back as the number of another country.
    ("eighty-six-zero", "+86(-000-3800-8000"),
]:
    put("texts", name, text.encode())
