import Foundation

/// A socket that sends whatever bytes it is told to.
final class RawConnection: @unchecked Sendable {
    // Because one task uses it at a time, off the event loops.
    private let descriptor: Int32

    struct CannotConnect: Error {}

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, size)
            }
        }
        guard connected == 0 else { throw CannotConnect() }
        // A server that never answers fails the test, and does not hang it.
        var patience = timeval(tv_sec: 300, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// False once the other end has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) async throws -> Bool {
        try await onThread { [descriptor] in
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Everything until the other end closes, or as much as is needed.
    func receive(until isEnough: @escaping @Sendable ([UInt8]) -> Bool = { _ in false })
        async throws
        -> [UInt8]
    {
        try await onThread { [descriptor] in
            var received: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            while !isEnough(received) {
                let count = recv(descriptor, &piece, piece.count, 0)
                guard count > 0 else { break }
                received += piece[..<count]
            }
            return received
        }
    }
}

/// A thread of its own: the server, in the same process, shares no pool with those who wait for it.
private func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
) async throws -> Result {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}

/// The statuses of the answers in these bytes, in order.
func statuses(_ bytes: [UInt8]) -> [Int] {
    String(decoding: bytes, as: UTF8.self).components(separatedBy: "HTTP/1.1 ").dropFirst()
        .compactMap { Int($0.prefix(3)) }
}

/// Whether a whole head is there.
@Sendable func hasHead(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n")
}
