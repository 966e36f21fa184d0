import DaybookAgent
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookServer
import DaybookStorage
import DaybookSync
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Testing
import World

/// The server as it is shipped, on a real socket, for clients that mean no good.
struct HostileOffice: Sendable {
    let world: World
    let application: Application<RouterResponder<OfficeContext>>
    static let token = "0123456789abcdef"

    init(limits: OfficeLimits = OfficeLimits(), isBehindProxy: Bool = false) throws {
        world = try World()
        let office = HeadOffice(
            store: world.office,
            desk: AdminDesk(
                store: world.office, surroundings: world.officeClock, importers: Imports.all),
            surroundings: world.officeClock, limits: limits)
        let folder = OfficeFolder(path: world.folder.path)
        try folder.prepare(address: "localhost:1")
        var configuration = HeadOfficeConfiguration(folder: folder)
        configuration.isBehindProxy = isBehindProxy
        application = try office.build(
            configuration, token: Self.token,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func serving(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await application.test(.live) { client in
            try await body(try #require(client.port))
        }
    }

    func laptop(_ name: String = "anna", seed: UInt64 = 3) throws -> Laptop {
        try world.laptop(name, person: "李娜", scopes: [world.north, world.event], seed: seed)
    }

    func link(_ port: Int) throws -> OfficeLink {
        try OfficeLink(
            office: "http://127.0.0.1:\(port)", surroundings: world.officeClock, environment: [:])
    }

    /// What a laptop's line says: the head of a request.
    func head(
        _ path: String = "/v1/sync", method: String = "POST", secret: [UInt8]?,
        length: Int, type: String = "application/vnd.daybook.v1", more: [String] = []
    ) -> String {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: x", "Connection: close"]
        if let secret { lines.append("Authorization: " + BearerSecret.header(secret)) }
        lines += ["Content-Type: \(type)", "Content-Length: \(length)"] + more
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// One request by hand; the whole answer.
    func ask(
        _ port: Int, _ path: String = "/v1/sync", method: String = "POST", secret: [UInt8]?,
        body: [UInt8] = [], type: String = "application/vnd.daybook.v1", more: [String] = []
    ) async throws -> [UInt8] {
        // Those who ask until something is so end with their test.
        try Task.checkCancellation()
        let connection = try RawConnection(port: port)
        try await connection.send(
            Array(
                head(
                    path, method: method, secret: secret, length: body.count, type: type,
                    more: more
                ).utf8) + body)
        return try await connection.receive()
    }

    /// One of the numbers that the server counts.
    func counted(_ port: Int, _ name: String) async throws -> Int {
        let body = Array(try JSONEncoder().encode(AdminRequest.metrics))
        let answer = try await ask(
            port, "/v1/admin", secret: nil, body: body,
            more: ["Authorization: Bearer \(Self.token)"])
        let text = String(decoding: answer, as: UTF8.self)
            .replacingOccurrences(of: "\\\"", with: "\"")
        let place = try #require(text.range(of: name + " "))
        return Int(text[place.upperBound...].prefix { $0.isNumber }) ?? -1
    }

    func met(_ port: Int, _ limit: String) async throws -> Int {
        try await counted(port, "daybook_limits_met_total{limit=\"\(limit)\"}")
    }
}

/// The frames in an answer's body, chunked or not.
func framesOfAnswer(_ bytes: [UInt8]) throws -> [Frame] {
    guard
        let end = bytes.indices.dropLast(3).first(where: {
            bytes[$0...].starts(with: [13, 10, 13, 10])
        })
    else { return [] }
    let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
    var body = Array(bytes[(end + 4)...])
    if head.contains("transfer-encoding: chunked") { body = unchunked(body) }
    var reader = FrameReader()
    reader.append(body)
    var frames: [Frame] = []
    while let frame = try reader.next() { frames.append(frame) }
    return frames
}

private func unchunked(_ bytes: [UInt8]) -> [UInt8] {
    var whole: [UInt8] = []
    var place = 0
    while let line = bytes[place...].firstIndex(of: 13) {
        let size = Int(String(decoding: bytes[place..<line], as: UTF8.self), radix: 16) ?? 0
        guard size > 0, line + 2 + size <= bytes.count else { break }
        whole += bytes[(line + 2)..<(line + 2 + size)]
        place = line + 2 + size + 2
    }
    return whole
}

/// Why head office ended an exchange.
func refusalOfAnswer(_ bytes: [UInt8]) throws -> Refusal? {
    guard case .refusal(let refusal)? = try framesOfAnswer(bytes).last.map({ try Message($0) })
    else { return nil }
    return refusal
}
