import ArgumentParser
import DaybookAgent
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookWords
import Foundation
import Logging
import ServiceLifecycle

struct EnrolCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.enrolAbstract, name: "enrol")
    @Argument(help: ArgumentHelp(.codeHelp)) var code: String
    @Option(help: ArgumentHelp(.officeHelp)) var office: String?
    @Flag(help: ArgumentHelp(.plainHTTPHelp)) var plainHttp = false
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let path = book.path
        let draft = path + ".key"
        try clearAway(path, draft: draft)
        guard let invitation = Invitation(text: code) else {
            throw UsageFault(Word.usageCode.text(code))
        }
        let office = try office(invitation)
        let certificate = try await OfficeLink.certificate(
            named: invitation, at: office, environment: ProcessInfo.processInfo.environment)
        let link = try OfficeLink(
            office: office, certificate: certificate, surroundings: SystemSurroundings(),
            environment: ProcessInfo.processInfo.environment)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Kept before it is sent: an answer that is lost is asked for again with the same key.
        let key = try Self.key(keptAt: draft)
        let enrolled: Enrolled
        do {
            enrolled = try await link.enrol(
                code: invitation.code, key: key, catalogue: Department.catalogue.version)
        } catch {
            await link.shutdown()
            // The key stays, whatever was said: a code may have been taken with it, and another be mistyped now.
            throw error
        }
        await link.shutdown()
        _ = try LaptopStore.create(
            path: path, catalogue: Department.catalogue, enrolled: enrolled, key: key,
            office: office, officeCertificate: certificate)
        unlink(draft)
        output.say(
            Word.enrolled.text(enrolled.laptop, path),
            json: ["laptop": enrolled.laptop, "book": path])
        output.note(Word.enrolledNext.text())
    }

    /// Encrypted unless it stays on this machine, or somebody names the risk.
    private func office(_ invitation: Invitation) throws -> String {
        guard let office = office ?? (invitation.address.isEmpty ? nil : invitation.office) else {
            throw UsageFault(Word.usageOffice.text())
        }
        guard let url = URL(string: office), let host = url.host,
            ["http", "https"].contains(url.scheme ?? "")
        else { throw UsageFault(Word.usageOffice.text()) }
        guard url.scheme == "https" || plainHttp || Invitation.isLoopback(host: host) else {
            throw UsageFault(Word.usagePlain.text(office))
        }
        return office
    }

    /// An enrolment that was killed half-way left its key, and perhaps a book without an identity: it begins again.
    /// Throws when there is a book, or something else.
    private func clearAway(_ path: String, draft: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        guard FileManager.default.fileExists(atPath: draft),
            // Nothing but a book of ours is ever taken away.
            let book = try? LaptopStore.open(path: path, catalogue: Department.catalogue)
        else { throw BookFault.exists(path: path) }
        do {
            _ = try book.identity()
            unlink(draft)
            throw BookFault.exists(path: path)
        } catch BookFault.damaged(_, detail: LaptopStore.noIdentity) {
            // Nothing can have been written in it; whatever else is wrong leaves it as it is.
        }
        for end in ["", "-wal", "-shm"] { unlink(path + end) }
    }

    private static func key(keptAt path: String) throws -> DeviceKey {
        if let kept = FileManager.default.contents(atPath: path),
            let key = try? DeviceKey(bytes: [UInt8](kept))
        {
            return key
        }
        unlink(path)
        let bytes = SystemSurroundings().randomBytes(DeviceKey.sizeBytes)
        try Durable.write(to: path) { try $0(bytes) }
        return try DeviceKey(bytes: bytes)
    }
}
