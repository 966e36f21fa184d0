import DaybookModel
import DaybookProtocol
import Testing

@Suite struct DecoderTests {
    /// The frame's bytes as they travel.
    static func bytes(_ message: Message) throws -> [UInt8] {
        if case .posting(let received) = message {
            return try SealedPosting(
                received.posting, key: Samples.key, personal: received.personal
            ).frame
        }
        return try message.frame().encoded()
    }

    @Test func `what is said is what is heard`() throws {
        for (name, message) in try Samples.valid() {
            var reader = FrameReader()
            reader.append(try Self.bytes(message))
            let frame = try #require(try reader.next())
            #expect(try Message(frame) == message, "\(name)")
            #expect(reader.leftOver == 0)
        }
    }

    @Test func `bytes may arrive one by one`() throws {
        var reader = FrameReader()
        var heard = 0
        for (_, message) in try Samples.valid() {
            for byte in try Self.bytes(message) {
                reader.append([byte])
                if try reader.next() != nil { heard += 1 }
            }
        }
        let said = try Samples.valid().count
        #expect(heard == said)
    }

    @Test func `a frame that is cut anywhere is no frame`() throws {
        for (_, message) in try Samples.valid() {
            let bytes = try Self.bytes(message)
            for length in bytes.indices {
                var reader = FrameReader()
                reader.append(bytes.prefix(length))
                #expect(try reader.next() == nil)
            }
        }
    }

    @Test func `every flipped byte of a frame is found`() throws {
        var refused = 0
        for (name, message) in try Samples.valid() {
            let bytes = try Self.bytes(message)
            for place in bytes.indices {
                var flipped = bytes
                flipped[place] ^= 0x41
                var reader = FrameReader()
                reader.append(flipped)
                // A longer length waits for bytes that never come; anything else is refused.
                do {
                    let frame = try reader.next()
                    #expect(frame == nil, "\(name) at \(place)")
                } catch {
                    refused += 1
                }
            }
        }
        #expect(refused > 1_000)
    }

    /// Behind a right checksum: decoders meet any bytes with a typed error, never a crash.
    @Test func `any change of a message decodes or is refused`() throws {
        var refused = 0
        for (_, message) in try Samples.valid() {
            let frame = try message.frame()
            let step = max(1, frame.raw.count / 400)
            for place in stride(from: 0, to: frame.raw.count, by: step) {
                for change: UInt8 in [0x01, 0x80, 0xFF] {
                    var raw = frame.raw
                    raw[place] ^= change
                    do {
                        _ = try Message(Frame(kind: frame.kind, raw: raw))
                    } catch {
                        refused += 1
                    }
                }
                let cut = Array(frame.raw.prefix(place))
                do { _ = try Message(Frame(kind: frame.kind, raw: cut)) } catch { refused += 1 }
            }
        }
        #expect(refused > 100)
    }

    @Test func `canonical bytes read back, and damaged ones are refused`() throws {
        for record in Samples.page.records {
            let bytes = Canonical.bytes(of: record)
            let back = try Canonical.record(bytes)
            #expect(Canonical.bytes(of: back) == bytes)
            #expect(back.fields == record.fields && back.at == record.at && back.by == record.by)
            for length in bytes.indices {
                #expect(throws: MalformedBytes.self) {
                    try Canonical.record(Array(bytes.prefix(length)))
                }
            }
        }
    }

    @Test func `a digest does not depend on order, and taking away undoes adding`() {
        let records = Samples.page.records
        var one = Digest()
        var other = Digest()
        for record in records { one.add(record) }
        for record in records.reversed() { other.add(record) }
        #expect(one == other)

        one.remove(records[1])
        other.remove(records[2])
        #expect(one != other)
        #expect(one.count == 2)
        #expect(Digest(bytes: one.bytes, count: one.count) == one)
    }

    @Test func `ten sign-ups cost less than half of what they hold`() throws {
        let posting = Samples.posting(1, [Samples.signups(10)])
        let held = posting.entries[0].changes.reduce(0) { $0 + $1.sizeBytes }
        #expect(try SealedPosting(posting, key: Samples.key).frame.count * 2 < held)
    }

    @Test func `an oversized message is refused before it is held`() throws {
        var reader = FrameReader()
        // A header that promises 16 MiB: refused at once, not after 16 MiB.
        reader.append([1, 0, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0])
        #expect(throws: MalformedBytes.self) { try reader.next() }
    }
}
