import Foundation
import Synchronization

/// A line between the demo's laptops and head office that can be cut, and that can hold a request half-way.
///
/// Plain sockets and threads: the demo needs bytes stopped at an exact place, which an HTTP library hides.
final class Relay: Sendable {
    /// A system call that failed.
    struct Fault: Error {
        let call: String
        let code: Int32
    }

    private struct State {
        var listener: Int32 = -1
        var connections: Set<Int32> = []
        var holdsNextRequest = false
        var heldAfter: Int?
    }

    let port: UInt16
    private let target: UInt16
    private let state = Mutex(State())

    /// Opens the line to a port of this machine.
    init(to target: Int) throws {
        self.target = UInt16(target)
        let (listener, port) = try Self.listen(port: 0)
        self.port = port
        state.withLock { $0.listener = listener }
        accept(on: listener)
    }

    /// Nothing answers any more: the port is closed, and so is every connection.
    func cut() {
        state.withLock { state in
            if state.listener >= 0 { shutdown(state.listener, Int32(SHUT_RDWR)) }
            state.listener = -1
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
            state.holdsNextRequest = false
            state.heldAfter = nil
        }
    }

    /// The line is back, on the same port.
    func mend() throws {
        let (listener, _) = try Self.listen(port: port)
        state.withLock { $0.listener = listener }
        accept(on: listener)
    }

    /// The next request with a body is held after half of it.
    func holdNextRequest() { state.withLock { $0.holdsNextRequest = true } }

    /// How many bytes of the held request went on, once it is held.
    var heldAfter: Int? { state.withLock { $0.heldAfter } }

    // MARK: - Threads

    private func accept(on listener: Int32) {
        Thread.detachNewThread { [self] in
            while true {
                let client = Glibc.accept(listener, nil, nil)
                guard client >= 0 else { break }
                Thread.detachNewThread { [self] in carry(client) }
            }
            close(listener)
        }
    }

    private func carry(_ client: Int32) {
        guard let server = try? Self.connect(port: target) else {
            close(client)
            return
        }
        state.withLock { $0.connections.formUnion([client, server]) }
        defer {
            state.withLock { $0.connections.subtract([client, server]) }
            close(client)
            close(server)
        }
        var request = RequestMeter()
        var polled = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&polled, 2, -1) > 0 {
            if polled[0].revents != 0 {
                guard var bytes = Self.read(client), !bytes.isEmpty else { return }
                request.take(bytes)
                if let limit = holdLimit(request) {
                    bytes = Array(bytes.prefix(max(0, limit - request.before)))
                    guard Self.write(bytes, to: server) else { return }
                    state.withLock { $0.heldAfter = limit }
                    waitForEnd(of: client)
                    return
                }
                guard Self.write(bytes, to: server) else { return }
            }
            if polled[1].revents != 0 {
                guard let bytes = Self.read(server), !bytes.isEmpty,
                    Self.write(bytes, to: client)
                else { return }
            }
        }
    }

    /// Half of the body, if this request is to be held and has come so far.
    private func holdLimit(_ request: RequestMeter) -> Int? {
        guard let limit = request.halfWay, request.total >= limit else { return nil }
        return state.withLock { state in
            guard state.holdsNextRequest else { return nil }
            state.holdsNextRequest = false
            return limit
        }
    }

    private func waitForEnd(of client: Int32) {
        while let bytes = Self.read(client), !bytes.isEmpty {}
    }

    // MARK: - Sockets

    private static func listen(port: UInt16) throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw Fault(call: "socket", code: errno) }
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        guard bound == 0, Glibc.listen(listener, 16) == 0 else {
            let code = errno
            close(listener)
            throw Fault(call: "bind", code: code)
        }
        var length = size
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(listener, $0, &length)
            }
        }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private static func connect(port: UInt16) throws -> Int32 {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard server >= 0 else { throw Fault(call: "socket", code: errno) }
        var address = loopback(port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(server, $0, size)
            }
        }
        guard connected == 0 else {
            let code = errno
            close(server)
            throw Fault(call: "connect", code: code)
        }
        return server
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func read(_ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count < 0 ? nil : Array(bytes.prefix(count))
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

/// Finds out how long an HTTP/1.1 request with a body is, from its head.
private struct RequestMeter {
    private var head: [UInt8] = []
    private(set) var total = 0
    /// What had come before the last piece.
    private(set) var before = 0
    /// Head and half of the body; nil until the head is whole, or when there is no body.
    private(set) var halfWay: Int?

    mutating func take(_ bytes: [UInt8]) {
        before = total
        total += bytes.count
        guard halfWay == nil, head.count < 65_536 else { return }
        head += bytes
        let text = String(decoding: head, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return }
        for line in text[..<end.lowerBound].lowercased().split(separator: "\r\n")
        where line.hasPrefix("content-length:") {
            let value = line.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)
            if let length = Int(value), length > 0 {
                halfWay = text[..<end.upperBound].utf8.count + length / 2
            }
        }
    }
}
