import DaybookModel
import DaybookProtocol
import Foundation
import Testing

/// The committed vectors. `DAYBOOK_WRITE_VECTORS=1` writes them anew, which only an open version allows.
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
        let data = try JSONSerialization.data(
            withJSONObject: object, options: [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes])
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try (data + Data("\n".utf8)).write(to: folder.appendingPathComponent("\(name).json"))
    }
}
