import DaybookModel
import DaybookProtocol
import Foundation
import Testing

/// The committed vectors. `DAYBOOK_WRITE_VECTORS=1` writes those that are not there yet: what is there is frozen.
@Suite struct VectorTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Protocol/vectors/v1")

    static let files: [String] = {
        if ProcessInfo.processInfo.environment["DAYBOOK_WRITE_VECTORS"] != nil {
            do { try writeAll() } catch { preconditionFailure("\(error)") }
        }
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { $0.hasSuffix(".json") }.sorted()
    }()

    @Test func `there is a valid vector of every kind, and invalid ones`() throws {
        var kinds: Set<String> = []
        var invalid = 0
        for file in Self.files {
            let vector = try Self.read(file)
            if let message = vector["message"] as? [String: Any] {
                kinds.insert(message["kind"] as? String ?? "")
            } else {
                invalid += 1
            }
        }
        #expect(kinds == Set(FrameKind.allCases.map { "\($0)" }))
        #expect(invalid >= 40)
    }

    @Test(arguments: files) func `a vector is read as it says`(file: String) throws {
        let vector = try Self.read(file)
        var reader = FrameReader()
        reader.append(Self.bytes(try #require(vector["frame"] as? String)))

        guard let expected = vector["message"] as? [String: Any] else {
            #expect(throws: MalformedBytes.self) {
                guard let frame = try reader.next() else { throw MalformedBytes.truncated }
                _ = try Message(frame)
            }
            return
        }
        let message = try Message(try #require(try reader.next()))
        let told = try JSONSerialization.data(
            withJSONObject: VectorJSON.object(message), options: [.sortedKeys])
        let wanted = try JSONSerialization.data(withJSONObject: expected, options: [.sortedKeys])

        #expect(String(decoding: told, as: UTF8.self) == String(decoding: wanted, as: UTF8.self))
    }

    @Test(arguments: files) func `what names persons opens as it says`(file: String) throws {
        let vector = try Self.read(file)
        guard let expected = vector["opened"] as? [String: Any] else { return }
        var reader = FrameReader()
        reader.append(Self.bytes(try #require(vector["frame"] as? String)))
        guard case .posting(let received) = try Message(try #require(try reader.next())) else {
            return
        }
        let opened = try #require(try VectorJSON.opened(received, by: Samples.officeKey))
        let told = try JSONSerialization.data(withJSONObject: opened, options: [.sortedKeys])
        let wanted = try JSONSerialization.data(withJSONObject: expected, options: [.sortedKeys])

        #expect(String(decoding: told, as: UTF8.self) == String(decoding: wanted, as: UTF8.self))
    }

    /// A change of any of this is another version of the protocol, beside this one.
    @Test func `version 1 is frozen, byte by byte and name by name`() throws {
        let held = try String(
            contentsOf: Self.folder.appendingPathComponent("FROZEN"), encoding: .utf8
        ).split(separator: "\n").map(String.init)

        let now = try Self.files.map { file in
            hexadecimal(
                sha256([UInt8](try Data(contentsOf: Self.folder.appendingPathComponent(file)))))
                + " " + file
        }
        #expect(Set(held).subtracting(now) == [], "changed or gone: make another version")
        #expect(Set(now).subtracting(held) == [], "not frozen yet: add its line to FROZEN")
    }

    /// Numbers and types of all fields, without words and order.
    @Test func `the messages of version 1 have the shape that they were frozen with`() throws {
        let file = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("v1/daybook.proto")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .map { line in
                var line = line
                if let comment = line.firstRange(of: "//") {
                    line = line[..<comment.lowerBound]
                }
                return line.split(separator: " ").joined(separator: " ")
            }.filter { !$0.isEmpty }

        #expect(lines.count == 305)
        #expect(
            hexadecimal(sha256(Array(lines.joined(separator: "\n").utf8)))
                == "0fb3b5e14dfa2f7b2b1e56e0b17b8ae313ca3db38af3cdd6a89f371cea8494b7")
        #expect(
            hexadecimal(sha256(PresetDictionary.version1))
                == "022ac4e77b0e9d35111e3a389d5abc5fc3bfdddc6ac6b8d59ac6768fd640847d")
    }

    @Test func `the numbers of version 1 are what they were frozen with`() {
        #expect(FrameKind.allCases.map { Int($0.rawValue) } == Array(1...17))
        #expect(RefusalCode.allCases.map { Int($0.rawValue) } == Array(1...14))
        #expect(RefusalReason.allCases.map { Int($0.rawValue) } == Array(1...7))
        #expect(StorageClass.allCases.map { Int($0.rawValue) } == Array(1...5))
        let limits: [Int] = [
            Limits.frameRawBytesMax, Limits.framePayloadBytesMax, Limits.inflationRatioMax,
            Limits.postingEntriesMax, Limits.postingChangesMax, Limits.exchangePostingsMax,
            Limits.feedRecordsMax, Limits.scopesMax, Limits.replacedMax, Limits.groupsMax,
            Limits.cellsMax, Limits.textBytesMax, Limits.namedMax, Limits.pastRunsMax,
            Limits.keyChangesMax, Limits.peopleMax, Limits.silentMax, Limits.returnedMax,
            Limits.rangesMax, Limits.partsMax, Limits.leafRecordsMax,
            Limits.exchangeFramesMax, Limits.exchangeBytesMax, Entry.changesMax,
            Entry.sizeBytesMax, Record.sizeBytesMax, Record.headsMax, Record.fieldsMax,
        ]
        let frozen: [Int] = [
            1_048_576, 1_049_664, 200, 1_000, 8_000, 16, 2_000, 1_000, 1_000, 1_024, 400_000,
            4_194_304, 65_536, 64, 64, 1_000, 1_000, 16, 64, 1_024, 16, 2_048, 67_108_864,
            1_000, 524_288, 65_536, 100, 256,
        ]
        #expect(limits == frozen)
    }

    @Test func `the dictionary in the code is the published one`() throws {
        let text = try Data(
            contentsOf: Self.folder.deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("dictionaries/v1.txt"))

        #expect(Array(text) == PresetDictionary.version1)
    }

    // MARK: - Reading and writing

    private static func read(_ file: String) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appendingPathComponent(file))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
        }
    }

    private static func writeAll() throws {
        for (name, message) in try Samples.valid() {
            var object: [String: Any] = ["message": VectorJSON.object(message)]
            if case .posting(let received) = message {
                let sealed = try SealedPosting(
                    received.posting, key: Samples.key, personal: received.personal)
                object["frame"] = hexadecimal(sealed.frame)
                object["opened"] = try VectorJSON.opened(received, by: Samples.officeKey)
            } else {
                object["frame"] = hexadecimal(try message.frame().encoded())
            }
            try write(name, object)
        }
        for (name, frame) in try InvalidSamples.frames() + InvalidMessages.frames() {
            try write("bad-\(name)", ["frame": hexadecimal(frame), "error": true])
        }
    }

    private static func write(_ name: String, _ object: [String: Any]) throws {
        let file = folder.appendingPathComponent("\(name).json")
        guard !FileManager.default.fileExists(atPath: file.path) else { return }
        let data = try JSONSerialization.data(
            withJSONObject: object, options: [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes])
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try (data + Data("\n".utf8)).write(to: file)
    }
}
