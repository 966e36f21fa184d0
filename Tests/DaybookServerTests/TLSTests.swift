import DaybookAgent
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookServer
import DaybookStorage
import Foundation
import Hummingbird
import HummingbirdTLS
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Testing
import World

/// A head office with certificates of its own, on a real socket.
private struct EncryptedOffice {
    let world: World
    let folder: OfficeFolder
    let tls: OfficeTLS
    private let application: Application<RouterResponder<OfficeContext>>

    init() throws {
        world = try World()
        folder = OfficeFolder(path: world.folder.path)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let office = HeadOffice(
            store: world.office,
            desk: AdminDesk(
                store: world.office, surroundings: world.officeClock, importers: Imports.all),
            surroundings: world.officeClock)
        try folder.prepare(address: "localhost:1")
        tls = try OfficeTLS(
            .own(host: "localhost"), store: world.office, folder: folder,
            surroundings: world.officeClock, logger: logger
        )
        application = Application(
            router: try office.router(adminToken: "admin"),
            server: try .tls(.http1(), tlsConfiguration: tls.configuration), logger: logger)
    }

    func serving(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await application.test(.ahc(.https)) { client in
            try await body(try #require(client.port))
        }
    }

    func authority() throws -> [UInt8] {
        try world.office.authority { throw CancellationError() }.certificate
    }

    /// What the person at the laptop types, for the port that the test got.
    func invitation(_ port: Int, code: String) throws -> Invitation {
        let text = "\(folder.invitation(code: code, certificate: try authority()))"
        return try #require(
            Invitation(
                text: text.replacingOccurrences(of: "localhost:1/", with: "localhost:\(port)/")))
    }
}

@Suite struct TLSTests {
    private let code = "K7QF2M9XPD"

    private func key() throws -> DeviceKey {
        try DeviceKey(bytes: [UInt8](repeating: 5, count: DeviceKey.sizeBytes))
    }

    /// A laptop that has enrolled by an invitation, as the command does it.
    private func enrolled(
        _ office: EncryptedOffice, _ port: Int
    ) async throws -> (book: LaptopStore, link: OfficeLink, certificate: [UInt8]) {
        let world = office.world
        try world.office.addLaptop(
            name: "new", people: [], scopes: [world.north], code: code,
            now: world.officeClock.reading().wall)
        let invitation = try office.invitation(port, code: code)
        let certificate = try #require(
            try await OfficeLink.certificate(named: invitation, at: invitation.office))
        let link = try OfficeLink(
            office: invitation.office, certificate: certificate, surroundings: world.officeClock,
            environment: [:])
        let enrolled = try await link.enrol(code: invitation.code, key: key(), catalogue: 1)
        let book = try LaptopStore.create(
            path: world.folder.path + "/new.daybook", catalogue: world.catalogue,
            enrolled: enrolled, key: try key(), office: invitation.office,
            officeCertificate: certificate)
        return (book, link, certificate)
    }

    /// What the certificate of whoever answers there says of its end.
    private func chain(_ port: Int) async throws -> [[UInt8]] {
        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
        let group = MultiThreadedEventLoopGroup.singleton
        let seen = group.next().makePromise(of: [[UInt8]].self)
        let channel = try await ClientBootstrap(group: group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOSSLClientHandler(
                        context: context, serverHostname: nil,
                        customVerificationCallback: { shown, promise in
                            seen.succeed(shown.compactMap { try? $0.toDERBytes() })
                            promise.succeed(.failed)
                        }))
            }
        }.connect(host: "127.0.0.1", port: port).get()
        channel.closeFuture.whenComplete { _ in seen.fail(ChannelError.eof) }
        return try await seen.futureResult.get()
    }

    @Test func `a laptop enrols by an invitation and syncs over an encrypted line`() async throws {
        let office = try EncryptedOffice()
        try await office.serving { port in
            let (book, link, _) = try await enrolled(office, port)

            let report = try await Syncing(book: book, link: link).run()

            #expect(report.ending == .complete)
            #expect(try book.identity().officeCertificate != nil)
            await link.shutdown()
        }
    }

    @Test func `a laptop behind a proxy finds the certificate and enrols`() async throws {
        let office = try EncryptedOffice()
        try office.world.office.addLaptop(
            name: "new", people: [], scopes: [office.world.north], code: code,
            now: office.world.officeClock.reading().wall)
        try await office.serving { port in
            let proxy = try ConnectProxy(to: port)
            // A name that only the proxy knows.
            let environment = ["HTTPS_PROXY": "http://anna:secret@127.0.0.1:\(proxy.port)"]
            let invitation = Invitation(
                address: "office.test:443",
                certificate: try office.authority(),
                code: code)
            let certificate = try #require(
                try await OfficeLink.certificate(
                    named: invitation, at: invitation.office, environment: environment))
            let link = try OfficeLink(
                office: invitation.office, certificate: certificate,
                surroundings: office.world.officeClock, environment: environment)
            _ = try await link.enrol(code: code, key: key(), catalogue: 1)
            await link.shutdown()

            #expect(proxy.asked.count == 2)
            for asked in proxy.asked {
                #expect(asked.hasPrefix("CONNECT office.test:443 HTTP/1.1\r\n"))
                #expect(asked.lowercased().contains("proxy-authorization: basic "))
            }
            proxy.close()
        }
    }

    @Test func `whoever answers in head office's place is found out before anything is said`()
        async throws
    {
        let (office, impostor) = (try EncryptedOffice(), try EncryptedOffice())
        let certificate = try #require(
            try await { () async throws -> [UInt8]? in
                let kept = KeptCertificate()
                try await office.serving { port in
                    let (_, link, certificate) = try await enrolled(office, port)
                    await link.shutdown()
                    await kept.keep(certificate)
                }
                return await kept.held
            }())
        try await impostor.serving { port in
            // A new laptop, by its invitation.
            await #expect(throws: LinkFault.self) {
                let invitation = try office.invitation(port, code: code)
                return try await OfficeLink.certificate(
                    named: invitation, at: invitation.office)
            }
            // One that knows head office.
            let book = try LaptopStore.open(
                path: office.world.folder.path + "/new.daybook", catalogue: office.world.catalogue)
            let link = try OfficeLink(
                office: "https://localhost:\(port)", certificate: certificate,
                surroundings: office.world.officeClock, environment: [:])
            do {
                _ = try await Syncing(book: book, link: link).run()
                Issue.record("it talked to somebody else")
            } catch LinkFault.untrusted {}
            await link.shutdown()
        }
        #expect(try impostor.world.office.laptops().allSatisfy { $0.heard == nil })
    }

    @Test func `the certificate is renewed without a restart, and laptops go on`() async throws {
        let office = try EncryptedOffice()
        try await office.serving { port in
            let (book, link, _) = try await enrolled(office, port)
            _ = try await Syncing(book: book, link: link).run()
            let before = try await chain(port)
            office.tls.look()
            #expect(try await chain(port) == before)

            office.world.officeClock.pass(milliseconds: 350 * 86_400_000)
            office.tls.look()

            let after = try await chain(port)
            #expect(after.first != before.first)
            #expect(after.last == before.last)
            await link.shutdown()
            let identity = try book.identity()
            let again = try OfficeLink(
                office: identity.office, certificate: identity.officeCertificate,
                surroundings: office.world.officeClock, environment: [:])
            #expect(try await Syncing(book: book, link: again).run().ending == .complete)
            await again.shutdown()
        }
    }

    @Test func `a head office on another disk is known by the authority in its book`() async throws
    {
        let office = try EncryptedOffice()
        try await office.serving { port in
            let (book, link, _) = try await enrolled(office, port)
            let before = try await chain(port)
            // The folder is gone; the book came back from a backup.
            try FileManager.default.removeItem(atPath: office.folder.path + "/tls")
            office.tls.look()

            #expect(try await chain(port).last == before.last)
            #expect(try await chain(port).first != before.first)
            #expect(try await Syncing(book: book, link: link).run().ending == .complete)
            await link.shutdown()
        }
    }

    @Test func `who takes the call and says nothing is not waited for`() async throws {
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(silent.localAddress?.port)
        let invitation = Invitation(
            address: "localhost:\(port)", certificate: [1], code: "K7QF2M9XPD")

        await #expect(throws: LinkFault.self) {
            try await OfficeLink.certificate(named: invitation, at: invitation.office)
        }
        try await silent.close()
    }

    @Test func `files that cannot be read leave the certificate that was`() async throws {
        let office = try EncryptedOffice()
        try await office.serving { port in
            let before = try await chain(port)
            let path = office.folder.path + "/tls/server.pem"
            try Data("nonsense".utf8).write(to: URL(fileURLWithPath: path))

            office.tls.look()

            #expect(try await chain(port) == before)
        }
    }

    @Test func `versions before TLS 1.2 are not spoken, and nothing in clear`() async throws {
        let office = try EncryptedOffice()
        try await office.serving { port in
            let (book, link, certificate) = try await enrolled(office, port)
            await link.shutdown()
            var old = TLSConfiguration.makeClientConfiguration()
            old.maximumTLSVersion = .tlsv11
            old.minimumTLSVersion = .tlsv1
            old.trustRoots = .certificates([
                try NIOSSLCertificate(bytes: certificate, format: .der)
            ])
            let context = try NIOSSLContext(configuration: old)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                    }
                }.connect(host: "127.0.0.1", port: port).get()
            await #expect(throws: (any Error).self) {
                try await channel.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
            }
            let plain = try OfficeLink(
                office: "http://localhost:\(port)", surroundings: office.world.officeClock,
                environment: [:])
            let report = try await Syncing(book: book, link: plain).run()
            #expect(report.ending == .cut && !report.progressed)
            await plain.shutdown()
        }
    }
}

private actor KeptCertificate {
    private(set) var held: [UInt8]?
    func keep(_ certificate: [UInt8]) { held = certificate }
}
