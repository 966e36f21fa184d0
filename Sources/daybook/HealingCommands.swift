import ArgumentParser
import DaybookAgent
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import DaybookWords
import Foundation

struct RepairCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.repairAbstract, name: "repair")
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        if let fault = try open.store.integrityFaults().first {
            throw BookFault.damaged(path: book.path, detail: fault)
        }
        // The sums themselves may be what is wrong.
        for scope in try open.store.status().scopes { try open.store.recount(scope.scope) }
        let link = try open.link()
        let report: SyncReport
        do {
            report = try await Syncing(book: open.store, link: link).run()
        } catch {
            await link.shutdown()
            throw error
        }
        await link.shutdown()
        switch report.ending {
        case .refused(let refusal): throw refusal
        case .cut: throw LinkFault.offline(detail: Word.syncCut.text())
        case .complete: tell(report)
        }
        if !report.unmended.isEmpty { throw ExitCode(ExitCodes.refused) }
    }

    private func tell(_ report: SyncReport) {
        let all = report.mended + report.removed + report.handedBack + report.framesReturned
        output.say(
            all == 0
                ? Word.repairedNothing.text()
                : Word.repaired.text(
                    "\(report.mended)", "\(report.removed)", "\(report.handedBack)",
                    "\(report.framesReturned)"),
            json: [
                "mended": report.mended, "removed": report.removed,
                "handedBack": report.handedBack, "returned": report.framesReturned,
                "unmended": report.unmended.count,
            ])
        if !report.unmended.isEmpty {
            output.note(Word.repairUnmended.text("\(report.unmended.count)"))
        }
    }
}

struct BundleGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .bundleAbstract, name: "bundle",
        [BundleWriteCommand.self, BundleReadCommand.self])
}

struct BundleWriteCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.bundleWriteAbstract, name: "write")
    @Argument(help: ArgumentHelp(.bundleFileHelp), completion: .file()) var file: String
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        guard !FileManager.default.fileExists(atPath: file) else {
            throw BookFault.exists(path: file)
        }
        let open = try book.open()
        let lock = try await SyncLock.take(open.store)
        defer { withExtendedLifetime(lock) {} }
        let identity = try open.store.identity()
        let frames = try ScratchFile(beside: file)
        var seal = BundleFile.Seal()
        let postings = try Bundles.write(by: open.store, clock: open.surroundings.reading()) {
            seal.add($0)
            try frames.append($0)
        }
        let head = try seal.head(
            incarnation: identity.incarnation, isAnswer: false, secretHash: sha256(identity.secret))
        try Durable.write(to: file) { emit in
            try emit(head)
            try frames.forEachPiece(emit)
        }
        output.say(
            Word.bundleWritten.text("\(postings)", file),
            json: ["postings": postings, "file": file])
    }
}

struct BundleReadCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.bundleReadAbstract, name: "read")
    @Argument(help: ArgumentHelp(.bundleFileHelp), completion: .file()) var file: String
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        guard FileManager.default.fileExists(atPath: file) else {
            throw BookFault.missing(path: file)
        }
        let open = try book.open()
        let lock = try await SyncLock.take(open.store)
        defer { withExtendedLifetime(lock) {} }
        let identity = try open.store.identity()
        // A copy of one's own: nothing can change between the check of its seal and the taking.
        let copy = try ScratchFile(copying: file, beside: open.store.path)
        let outcome: ExchangeOutcome
        do {
            let opened = try BundleFile.opened(copy.forEachPiece)
            guard opened.head.isAnswer, opened.head.incarnation == identity.incarnation else {
                throw MalformedBytes.value("bundle")
            }
            let frames: Bundles.Frames = {
                try opened.forEachFrame(
                    of: copy.forEachPiece, secretHash: sha256(identity.secret), $0)
            }
            outcome = try Bundles.take(
                frames, into: open.store, clock: open.surroundings.reading())
        } catch is MalformedBytes {
            throw UsageFault(Word.bundleForeign.text())
        }
        if case .refused(let refusal) = outcome.ending { throw refusal }
        if outcome.use != .whole { output.note(Word.bundleOvertaken.text()) }
        output.say(
            Word.bundleTaken.text("\(outcome.verdictsTaken)", "\(outcome.pagesStaged)"),
            json: ["verdicts": outcome.verdictsTaken, "pages": outcome.pagesStaged])
    }
}
