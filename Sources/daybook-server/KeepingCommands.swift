import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookServer
import DaybookStorage
import DaybookWords
import Foundation

/// A path as another process with another working folder understands it.
private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardized.path }

struct BackupCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.backupAbstract, name: "backup")
    @Argument(help: ArgumentHelp(.backupFileHelp), completion: .file()) var file: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let path = absolute(file)
        guard
            case .backedUp(let sequence, let records) = try await folder.open().door.ask(
                .backUp(path: path))
        else { return }
        output.say(
            Word.backedUp.text("\(records)", "\(sequence)", path),
            json: ["file": path, "records": records, "sequence": sequence])
    }
}

struct RestoreCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.restoreAbstract, name: "restore")
    @Argument(help: ArgumentHelp(.backupFileHelp), completion: .file()) var file: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = folder.office
        try FileManager.default.createDirectory(
            atPath: office.path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let restored: OfficeFolder.Restored
        do {
            restored = try office.restore(
                from: absolute(file), catalogue: Department.catalogue,
                now: SystemSurroundings().reading().wall)
        } catch let fault as OfficeStore.BackupFault {
            throw AdminFault.backupWrong(fault.detail)
        }
        var json: [String: Any] = ["records": restored.records, "sequence": restored.sequence]
        json["before"] = restored.before
        output.say(
            Word.restored.text("\(restored.records)", "\(restored.sequence)"), json: json)
        if let before = restored.before { output.note(Word.restoredBefore.text(before)) }
        output.note(Word.restoredNext.text())
    }
}

struct VerifyCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.verifyAbstract, name: "verify")
    @Option(help: ArgumentHelp(.againstHelp), completion: .file()) var against: String?
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        guard
            case .verified(let check) = try await office.door.ask(
                .verify(against: against.map(absolute)))
        else { return }
        let wrong = check.faults + check.wrongScopes
        if output.json {
            output.emit([
                "records": check.records, "faults": check.faults,
                "wrongScopes": check.wrongScopes, "compared": check.compared ?? 0,
                "differing": check.differing.map {
                    [
                        "id": "\($0.id)", "collection": name(of: $0.collection),
                        "here": $0.isHere, "there": $0.isThere,
                    ] as [String: Any]
                },
            ])
        } else if wrong.isEmpty {
            print(Word.verified.text("\(check.records)"))
        }
        if let compared = check.compared, !output.json {
            show(check.differing, compared: compared)
        }
        guard wrong.isEmpty else {
            throw AdminFault.bookWrong(wrong.joined(separator: "; "))
        }
        if !check.differing.isEmpty { throw ExitCode(ExitCodes.refused) }
    }

    private func show(_ differing: [DifferingRecord], compared: Int64) {
        print(Word.verifiedAgainst.text("\(compared)", "\(differing.count)"))
        guard !differing.isEmpty else { return }
        var table = TextTable(
            header: [Word.headCollection, .headId, .headState].map { $0.text() })
        for one in differing {
            let state: Word = !one.isThere ? .hereOnly : !one.isHere ? .thereOnly : .otherwise
            table.add([.init(name(of: one.collection)), .init("\(one.id)"), .init(state.text())])
        }
        output.table(table)
    }

    private func name(of tag: UInt32) -> String {
        Department.catalogue[tag: tag]?.name ?? "\(tag)"
    }
}

struct RecoveryCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.recoveryAbstract, name: "recovery")
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        guard case .recovery(let recovery) = try await office.door.ask(.recovery) else { return }
        if output.json {
            var json: [String: Any] = [
                "returned": recovery.returned, "awaited": recovery.awaited,
                "regained": recovery.regained, "withoutEntry": recovery.withoutEntry,
                "nameless": recovery.nameless,
                "renamed": recovery.renamed.map { "\($0)" }, "missing": recovery.missing,
            ]
            json["base"] = recovery.base
            return output.emit(json)
        }
        guard let base = recovery.base else { return print(Word.recoveryNothing.text()) }
        func list(_ names: [String]) -> String {
            names.isEmpty ? Word.recoveryNobody.text() : names.joined(separator: ", ")
        }
        print(Word.recoveryBase.text("\(base)"))
        print(Word.recoveryReturned.text(list(recovery.returned)))
        print(Word.recoveryAwaited.text(list(recovery.awaited)))
        print(Word.recoveryRegained.text("\(recovery.regained)", "\(recovery.withoutEntry)"))
        if recovery.nameless > 0 { print(Word.recoveryNameless.text("\(recovery.nameless)")) }
        if !recovery.renamed.isEmpty {
            let names = list(recovery.renamed.map { "\($0)" })
            print(Word.recoveryRenamed.text("\(recovery.renamed.count)", names))
        }
        print(Word.recoveryLaptops.text())
        if !recovery.missing.isEmpty { print(Word.recoveryMissing.text(list(recovery.missing))) }
    }
}

struct BundleGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .bundleAbstract, name: "bundle", [BundleReadCommand.self])
}

struct BundleReadCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.officeBundleReadAbstract, name: "read")
    @Argument(help: ArgumentHelp(.bundleFileHelp), completion: .file()) var file: String
    @Option(help: ArgumentHelp(.answerFileHelp), completion: .file()) var answer: String?
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let path = absolute(file)
        guard FileManager.default.fileExists(atPath: path) else {
            throw BookFault.missing(path: path)
        }
        let answer = absolute(self.answer ?? file + ".answer")
        guard
            case .bundleRead(let postings, let refusal) = try await folder.open().door.ask(
                .readBundle(path: path, answer: answer))
        else { return }
        output.say(
            Word.bundleRead.text("\(postings)", answer),
            json: ["postings": postings, "answer": answer, "refused": refusal != nil])
        if refusal != nil { output.note(Word.bundleReadRefused.text()) }
    }
}
