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

struct SyncCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.syncAbstract, name: "sync")
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let link = try open.link()
        let progress = Progress(Word.progressSync.text())
        let waiting = Int(try open.store.status().unanswered)
        let report: SyncReport
        do {
            report = try await Syncing(book: open.store, link: link).run { report in
                progress.show(report.postings, of: waiting > 1_000 ? waiting / 1_000 : nil)
            }
        } catch let malformed as MalformedBytes {
            await link.shutdown()
            throw LinkFault.malformed(detail: "\(malformed)")
        } catch {
            await link.shutdown()
            throw error
        }
        await link.shutdown()
        progress.end()
        switch report.ending {
        case .refused(let refusal): throw refusal
        case .cut: throw LinkFault.offline(detail: Word.syncCut.text())
        case .complete: tell(report)
        }
    }

    private func tell(_ report: SyncReport) {
        let isQuiet = report.postings == 0 && report.pages == 0
        output.say(
            isQuiet
                ? Word.nothingNew.text()
                : Word.synced.text("\(report.postings)", "\(report.pages)"),
            json: [
                "postings": report.postings, "verdicts": report.verdicts, "pages": report.pages,
                "refused": report.editsRefused, "differing": report.differingScopes.count,
            ])
        if report.editsRefused > 0 {
            output.note(Word.syncRefusals.text("\(report.editsRefused)"))
        }
        if report.framesReturned > 0 {
            output.note(Word.syncReturned.text("\(report.framesReturned)"))
        }
        let mended = report.mended + report.removed + report.handedBack
        if mended > 0 { output.note(Word.syncMended.text("\(mended)")) }
        if !report.differingScopes.isEmpty {
            output.note(Word.syncDiffers.text("\(report.differingScopes.count)"))
        }
    }
}

struct AgentCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.agentAbstract, name: "agent")
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let link = try open.link()
        var logger = Logger(label: "daybook.agent") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .info
        output.note(Word.agentRuns.text(book.path, try open.store.identity().office))
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: SyncService(
                            book: open.store, link: link, surroundings: open.surroundings,
                            logger: logger))
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        await link.shutdown()
        output.note(Word.agentStops.text())
    }
}

struct StatusCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.statusAbstract, name: "status")
    @Flag(help: ArgumentHelp(.checkHelp)) var check = false
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let status = try open.store.status()
        let faults = check ? try open.store.integrityFaults() : []
        let titles = try open.read { view in
            try status.scopes.map { try view.title(of: $0.scope) }
        }
        let worker = try open.worker()
        if output.json {
            let age = status.oldestUnansweredAge(now: open.surroundings.reading())
            var object = json(status, age, titles, faults, worker)
            object["retiring"] = try open.store.isRetiring()
            object["safeToWipe"] = try open.store.wipeReceipt().map { "\($0.time)" }
            output.emit(object)
        } else {
            show(status, titles)
            try showRetiring(open)
            print(worker.map { Word.statusWorker.text($0) } ?? Word.statusNobody.text())
            if check, faults.isEmpty { print(Word.statusChecked.text()) }
        }
        if let fault = faults.first {
            throw BookFault.damaged(path: book.path, detail: fault)
        }
    }

    private func showRetiring(_ open: OpenBook) throws {
        guard try open.store.isRetiring() else { return }
        let receipt = try open.store.wipeReceipt()
        print(
            receipt.map { Word.statusWipeable.text(Listing.local($0.time)) }
                ?? Word.statusRetiring.text())
    }

    private func json(
        _ status: LaptopStore.Status, _ age: Int64?, _ titles: [String], _ faults: [String],
        _ worker: String?
    ) -> [String: Any] {
        var object: [String: Any] = [
            "laptop": status.name, "office": status.office, "unanswered": status.unanswered,
            "sealedPostings": status.sealedPostings,
            "unreadRefusals": status.unreadRefusals, "nameTaken": status.nameTaken,
            "integrityFaults": faults, "framesOwed": status.framesOwed, "kept": status.kept,
            "scopes": zip(status.scopes, titles).map { scope, title in
                [
                    "scope": "\(scope.scope)", "title": title, "records": scope.records,
                    "digest": hexadecimal(scope.digest), "differs": scope.differs,
                ] as [String: Any]
            },
        ]
        object["oldestUnanswered"] = status.oldestUnanswered.map { "\($0.wall)" }
        object["oldestUnansweredSeconds"] = age.map { $0 / 1_000 }
        object["sequence"] = status.shown?.sequence
        object["person"] = worker
        return object
    }

    private func show(_ status: LaptopStore.Status, _ titles: [String]) {
        print(Word.statusLaptop.text(status.name))
        print(Word.statusOffice.text(status.office))
        if let oldest = status.oldestUnanswered {
            let since = Listing.local(oldest.wall)
            print(Word.statusUnanswered.text("\(status.unanswered)", since))
        } else {
            print(Word.statusAllPosted.text())
        }
        if status.framesOwed > 0 { print(Word.statusOwed.text("\(status.framesOwed)")) }
        if status.shown == nil { print(Word.statusNeverSynced.text()) }
        if status.unreadRefusals > 0 {
            print(Word.statusRefusals.text("\(status.unreadRefusals)"))
        }
        if status.nameTaken > 0 { print(Word.statusNameTaken.text("\(status.nameTaken)")) }
        var table = TextTable(
            header: [Word.headScope, .headRecords, .headState].map { $0.text() })
        for (scope, title) in zip(status.scopes, titles) {
            let state: Word = scope.isLost ? .lost : scope.differs ? .differs : .agrees
            table.add([
                .init(title), .init("\(scope.records)", isNumber: true), .init(state.text()),
            ])
        }
        output.table(table)
    }
}

struct InboxCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.inboxAbstract, name: "inbox")
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let refused = try open.store.readInbox()
        try open.read { view in
            let titles = open.titles(view)
            var table = TextTable(
                header: [Word.headRecord, .headField, .headValue, .headReason].map { $0.text() })
            var objects: [[String: Any]] = []
            for one in refused {
                let field = open.catalogue[tag: one.collection]?.field(tag: one.field)
                let value = field.flatMap { field in one.value.map { field.format($0) } } ?? ""
                let reason = RefusalWords.text(one.reason, detail: one.detail)
                let name =
                    one.isOfEffect
                    ? Word.noEffect.text()
                    : one.field == 0 ? Word.removal.text() : field?.label.text() ?? ""
                table.add([
                    .init(titles(one.record)), .init(name), .init(value), .init(reason),
                ])
                objects.append([
                    "record": "\(one.record)", "field": field?.name ?? "", "value": value,
                    "reason": Int(one.reason), "words": reason,
                ])
            }
            if output.json {
                output.emit(objects)
            } else if refused.isEmpty {
                print(Word.inboxEmpty.text())
            } else {
                output.table(table)
            }
        }
    }
}
