import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookServer
import DaybookStorage
import DaybookWords
import Foundation
import Logging

struct InitCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.initAbstract, name: "init")
    @Option(help: ArgumentHelp(.nameHelp)) var name: String
    @Option(help: ArgumentHelp(.currencyHelp)) var currency = "CNY"
    @Option(help: ArgumentHelp(.officeAddressHelp)) var address: String?
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        try check(address: address)
        guard let currency = Currency(currency.uppercased()) else {
            let label = Organisation.currency.definition.label.text()
            throw UsageFault(Word.faultField.text(label, Word.valueWrongType.text()))
        }
        let office = folder.office
        try FileManager.default.createDirectory(
            atPath: office.path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        var draft = Draft(Organisation.self)
        draft[Organisation.name] = name
        draft[Organisation.currency] = currency.code
        guard let lock = try office.lock() else { throw BookFault.exists(path: office.storePath) }
        defer { withExtendedLifetime(lock) {} }
        _ = try OfficeStore.create(
            path: office.storePath, catalogue: Department.catalogue, organisation: draft,
            surroundings: SystemSurroundings())
        if let address { try office.prepare(address: address) }
        output.say(
            Word.initDone.text(name, office.path), json: ["name": name, "folder": office.path])
        output.note(Word.initNext.text())
    }
}

struct ServeCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.serveAbstract, name: "serve")
    @Option(help: ArgumentHelp(.hostHelp)) var host = "127.0.0.1"
    @Option(help: ArgumentHelp(.portHelp)) var port = 8_475
    @Option(help: ArgumentHelp(.officeAddressHelp)) var address: String?
    @Option(help: ArgumentHelp(.certificateHelp), completion: .file()) var certificate: String?
    @Option(help: ArgumentHelp(.certificateKeyHelp), completion: .file()) var key: String?
    @Flag(help: ArgumentHelp(.tlsHelp)) var tls = false
    @Flag(help: ArgumentHelp(.plainHTTPHelp)) var plainHttp = false
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = folder.office
        let security = try security()
        try check(address: address)
        guard (0...65_535).contains(port) else {
            throw UsageFault(Word.usagePort.text("\(port)"))
        }
        guard FileManager.default.fileExists(atPath: office.storePath) else {
            throw BookFault.missing(path: office.storePath)
        }
        guard let lock = try office.lock() else { throw BookFault.busy(path: office.storePath) }
        defer { withExtendedLifetime(lock) {} }
        let surroundings = SystemSurroundings()
        let store = try OfficeStore.open(
            path: office.storePath, catalogue: Department.catalogue)
        try store.beginRun(surroundings)
        let desk = AdminDesk(store: store, surroundings: surroundings, importers: importers)
        var configuration = HeadOfficeConfiguration(folder: office)
        configuration.host = host
        configuration.port = port
        configuration.security = security
        configuration.address = address
        configuration.isBehindProxy = plainHttp
        var logger = Logger(label: "daybook.server") {
            StreamLogHandler.standardError(label: $0)
        }
        logger.logLevel = .notice
        let isEncrypted = if case .none = security { false } else { true }
        let (json, host) = (output.json, host)
        try await HeadOffice(store: store, desk: desk, surroundings: surroundings)
            .run(configuration, logger: logger) { port in
                var output = OutputOptions()
                output.json = json
                output.say(
                    Word.serving.text("\(isEncrypted ? "https" : "http")://\(host):\(port)"),
                    json: ["host": host, "port": port, "encrypted": isEncrypted])
                fflush(nil)
            }
        output.note(Word.served.text())
    }

    /// Encrypted unless it stays on this machine, or somebody names the risk.
    private func security() throws -> OfficeSecurity {
        switch (certificate, key) {
        case (let certificate?, let key?):
            return .files(certificate: certificate, key: key)
        case (nil, nil): break
        default: throw UsageFault(Word.usageCertificateAndKey.text())
        }
        guard !plainHttp else {
            guard !tls else { throw UsageFault(Word.usagePlainAndTLS.text()) }
            return .none
        }
        guard tls || !Invitation.isLoopback(host: host) else { return .none }
        let name = address.flatMap { URL(string: "https://\($0)")?.host }
        return .own(host: name ?? ProcessInfo.processInfo.hostName)
    }
}

/// An address that a code can hold.
private func check(address: String?) throws {
    guard let address else { return }
    let known = Invitation(address: address, certificate: nil, code: "0000000000")
    guard let url = URL(string: known.office), url.host?.isEmpty == false, url.path.isEmpty,
        Invitation(text: "\(known)") == known
    else { throw UsageFault(Word.usageAddress.text(address)) }
}

struct MetricsCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.metricsAbstract, name: "metrics")
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        guard case .metrics(let text) = try await folder.open().door.ask(.metrics) else { return }
        guard output.json else { return print(text, terminator: "") }
        let pairs = text.split(separator: "\n").compactMap { line -> (String, Double)? in
            guard let space = line.lastIndex(of: " "),
                let number = Double(line[line.index(after: space)...])
            else { return nil }
            return (String(line[..<space]), number)
        }
        output.emit(Dictionary(pairs) { $1 })
    }
}

struct StatusCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.officeStatusAbstract, name: "status")
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        guard case .status(let status) = try await office.door.ask(.status) else { return }
        let silent = try await office.silent()
        if output.json {
            return output.emit([
                "organisation": status.organisation, "catalogue": status.catalogue,
                "sequence": status.sequence, "laptops": status.laptops,
                "matters": status.matters, "records": status.records,
                "silent": OutputOptions.json(silent: silent),
            ])
        }
        print(
            Word.officeIs.text(
                status.organisation, "\(status.catalogue)", "\(status.sequence)",
                "\(status.laptops)", "\(status.matters)"))
        var table = TextTable(header: [Word.headCollection.text(), Word.headRecords.text()])
        for collection in office.catalogue.collections {
            let count = status.records[collection.name] ?? 0
            table.add([.init(collection.label.text()), .init("\(count)", isNumber: true)])
        }
        output.table(table)
        output.noteSilent(silent)
    }
}

struct FiguresCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.figuresAbstract, name: "figures")
    @Argument(help: ArgumentHelp(.reportHelp)) var report = "figures"
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        try await show(report, folder.open(), output)
    }
}

struct ImportCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.importAbstract, name: "import")
    @OptionGroup var options: ImportOptions
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let currency = try await office.currency
        let importer = try options.importer(office.catalogue, currency: currency)
        try await ImportRun(options: options, output: output).run(importer) {
            rows, settings, mark in
            var settings = settings
            settings["currency"] = currency?.code
            let request = AdminRequest.importRows(
                kind: importer.name, rows: rows, options: settings, file: mark)
            guard case .imported(let tally) = try await office.door.ask(request) else {
                throw AdminUnreachable(status: 200)
            }
            return tally
        }
    }
}

struct ListCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.listAbstract, name: "list")
    @Argument(help: ArgumentHelp(.collectionHelp)) var collection: String
    @Option(help: ArgumentHelp(.lastHelp)) var last = 50
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let definition = try office.catalogue.named(collection)
        let records = try await office.records(.list(collection: collection, last: last))
        if output.json { return output.emit(records.map { Listing.json($0, definition) }) }
        guard !records.isEmpty else { return print(Word.listEmpty.text()) }
        output.table(Listing.table(records, definition) { "\($0)" })
        output.noteSilent(try await office.silent())
    }
}

struct EditCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.officeEditAbstract, name: "edit")
    @Argument(help: ArgumentHelp(.collectionHelp)) var collection: String
    @Argument(help: ArgumentHelp(.recordHelp)) var record: String
    @Argument(help: ArgumentHelp(.assignmentsHelp)) var assignments: [String]
    @Flag(help: ArgumentHelp(.settleHelp)) var settle = false
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let definition = try office.catalogue.named(collection)
        let currency = try await office.currency
        let found = try await office.find(record, in: collection)
        let parsed = try Assignment.parse(assignments, definition, currency: currency) {
            collection, text in
            guard let stamp = Stamp(text: text) else {
                let label = try office.catalogue.named(collection).label.text()
                throw UsageFault(Word.usageUnknownRecord.text(label, text))
            }
            return stamp
        }
        for one in parsed {
            _ = try await office.door.ask(
                .edit(
                    record: found.id, collection: collection, field: one.field.name,
                    value: one.value, settling: settle))
        }
        output.say(Word.edited.text(), json: ["id": "\(found.id)"])
    }
}
