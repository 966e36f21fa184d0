import Foundation
import Synchronization

/// A proxy that takes every CONNECT to one port of this machine, and keeps what it was asked.
final class ConnectProxy: Sendable {
    let port: Int
    private let listener: Int32
    private let heads = Mutex<[String]>([])
    /// What each CONNECT said.
    var asked: [String] { heads.withLock { $0 } }

    init(to target: Int) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(port: 0)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                var length = size
                return bind(listener, generic, size) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard isBound else { throw RawConnection.CannotConnect() }
        self.listener = listener
        port = Int(in_port_t(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                self?.serve(client, target)
            }
        }
    }

    /// Ends the accepting.
    func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32, _ target: Int) {
        var head: [UInt8] = []
        var byte = [UInt8](repeating: 0, count: 1)
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]), recv(client, &byte, 1, 0) == 1 {
            head += byte
        }
        heads.withLock { $0.append(String(decoding: head, as: UTF8.self)) }
        let line = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(port: target)
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(line, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        Self.send(Array("HTTP/1.1 200 OK\r\n\r\n".utf8), to: client)
        for (from, to) in [(client, line), (line, client)] {
            Thread.detachNewThread {
                var piece = [UInt8](repeating: 0, count: 1 << 14)
                while case let count = recv(from, &piece, piece.count, 0), count > 0 {
                    Self.send(Array(piece[..<count]), to: to)
                }
                shutdown(to, Int32(SHUT_RDWR))
            }
        }
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
