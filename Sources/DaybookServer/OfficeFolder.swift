import AsyncHTTPClient
import DaybookFiles
import DaybookModel
import DaybookProtocol
import DaybookStorage
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOSSL

/// Head office's folder: the organisation's file, the lock of the one process that writes it, and how the
/// other commands reach that process.
public struct OfficeFolder: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    public var storePath: String { path + "/office.daybook" }
    private var lockPath: String { path + "/lock" }
    private var adminPath: String { path + "/admin.json" }

    private struct Admin: Codable {
        /// Where the server listens: nobody else can, and so nobody else is told the token.
        let host: String
        let port: Int
        let token: String
        let isEncrypted: Bool
    }

    /// How laptops reach head office.
    struct Serving: Codable, Equatable {
        enum Way: String, Codable {
            /// By certificates that head office signs itself.
            case own
            case publicCertificate, plain
        }

        /// `host:port`; `https://` before it for a proxy that encrypts.
        let address: String
        let way: Way
    }

    /// What somebody said, and where the server listened last.
    private struct Reached: Codable, Equatable {
        var said: Serving?
        var listened: Serving?
    }

    private var servingPath: String { path + "/serving.json" }

    private func reached() -> Reached {
        FileManager.default.contents(atPath: servingPath)
            .flatMap { try? JSONDecoder().decode(Reached.self, from: $0) } ?? Reached()
    }

    /// - Parameter isSaid: by a person, which holds until a person says something else.
    func keep(_ serving: Serving, isSaid: Bool) throws {
        var reached = reached()
        if isSaid { reached.said = serving } else { reached.listened = serving }
        guard self.reached() != reached else { return }
        let new = servingPath + ".new"
        unlink(new)
        let bytes = [UInt8](try JSONEncoder().encode(reached))
        try Durable.write(to: new) { try $0(bytes) }
        try Durable.move(new, to: servingPath)
    }

    /// Says before the first start how laptops will reach it.
    public func prepare(address: String) throws {
        try keep(
            Serving(address: address, way: address.contains("://") ? .publicCertificate : .own),
            isSaid: true)
    }

    /// What a person types on a laptop to enrol it.
    ///
    /// - Parameter certificate: that of the organisation's authority.
    public func invitation(code: String, certificate: [UInt8]) -> Invitation {
        let reached = reached()
        let serving =
            reached.said ?? reached.listened ?? Serving(address: "127.0.0.1:8475", way: .plain)
        let isPlain = serving.way == .plain && !serving.address.contains("://")
        return Invitation(
            address: (isPlain ? "http://" : "") + serving.address,
            certificate: serving.way == .own ? certificate : nil, code: code)
    }

    /// The right to write the file; nil when a server runs.
    public func lock() throws -> FileLock? { try FileLock(path: lockPath) }

    func announce(host: String, port: Int, token: String, isEncrypted: Bool) throws {
        let isEverywhere = host == "0.0.0.0" || host == "::"
        let data = try JSONEncoder().encode(
            Admin(
                host: isEverywhere ? "127.0.0.1" : host, port: port, token: token,
                isEncrypted: isEncrypted))
        // Written aside and moved, so that nobody reads half of it; only the owner may read the token.
        let aside = adminPath + ".new"
        guard
            FileManager.default.createFile(
                atPath: aside, contents: data, attributes: [.posixPermissions: 0o600])
        else { throw FileFault(aside) }
        guard rename(aside, adminPath) == 0 else { throw FileFault(adminPath) }
    }

    func withdraw() { unlink(adminPath) }

    /// The port of the running server.
    public func port() throws -> Int { try admin().port }

    private func admin() throws -> Admin {
        do {
            return try JSONDecoder().decode(
                Admin.self, from: Data(contentsOf: URL(fileURLWithPath: adminPath)))
        } catch {
            // The lock is held, but the server has not said yet where it listens, or it is not one.
            throw AdminUnreachable(status: 0)
        }
    }

    /// Asks the running server.
    func ask(_ request: AdminRequest) async throws -> AdminAnswer {
        let admin = try admin()
        let scheme = admin.isEncrypted ? "https" : "http"
        let host = admin.host.contains(":") ? "[\(admin.host)]" : admin.host
        var http = HTTPClientRequest(url: "\(scheme)://\(host):\(admin.port)/v1/admin")
        if admin.isEncrypted {
            // It stays on this machine, at the address that the server holds.
            http.tlsConfiguration = .makeClientConfiguration()
            http.tlsConfiguration?.certificateVerification = .none
        }
        http.method = .POST
        http.headers.add(name: "Authorization", value: "Bearer \(admin.token)")
        http.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(request)))
        let body: ByteBuffer
        do {
            let answer = try await HTTPClient.shared.execute(http, timeout: .seconds(120))
            guard answer.status == .ok else {
                throw AdminUnreachable(status: Int(answer.status.code))
            }
            body = try await answer.body.collect(upTo: 256 << 20)
        } catch let unreachable as AdminUnreachable {
            throw unreachable
        } catch {
            // Refused, reset, timed out: the server is gone or going.
            throw AdminUnreachable(status: 0)
        }
        return try JSONDecoder().decode(AdminAnswer.self, from: body)
    }
}

/// The running server did not take an admin request.
public struct AdminUnreachable: Error, Sendable {
    public let status: Int

    public init(status: Int) { self.status = status }
}

/// Reaches head office's book: through the running server if there is one, else directly.
public struct OfficeDoor: Sendable {
    private enum Way: Sendable {
        case running
        case direct(AdminDesk, FileLock)
    }

    private let folder: OfficeFolder
    private let way: Way

    /// Throws ``BookFault`` for the file's faults.
    public init(
        folder: OfficeFolder, catalogue: Catalogue, importers: [String: Importer],
        surroundings: any Surroundings
    ) throws {
        self.folder = folder
        guard FileManager.default.fileExists(atPath: folder.storePath) else {
            throw BookFault.missing(path: folder.storePath)
        }
        guard let lock = try folder.lock() else {
            way = .running
            return
        }
        let store = try OfficeStore.open(path: folder.storePath, catalogue: catalogue)
        try store.beginRun(surroundings)
        way = .direct(
            AdminDesk(store: store, surroundings: surroundings, importers: importers), lock)
    }

    /// Throws ``AdminFault`` for what the request got wrong.
    public func ask(_ request: AdminRequest) async throws -> AdminAnswer {
        let answer: AdminAnswer
        switch way {
        case .running: answer = try await folder.ask(request)
        case .direct(let desk, _): answer = try await offload { try desk.answer(request) }
        }
        if case .refused(let fault) = answer { throw fault }
        if case .faulty(let fault) = answer { throw fault.fault }
        return answer
    }
}
