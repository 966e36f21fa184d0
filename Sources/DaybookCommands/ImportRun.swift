import ArgumentParser
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookWords
import Foundation

/// The options of both executables' import.
public struct ImportOptions: ParsableArguments {
    @Argument(help: ArgumentHelp(.fileHelp), completion: .file()) public var file: String
    @Option(name: .customLong("as"), help: ArgumentHelp(.kindHelp)) public var kind: String?
    @Flag(help: ArgumentHelp(.keepGoingHelp)) public var keepGoing = false
    @Flag(help: ArgumentHelp(.oneByOneHelp)) public var oneByOne = false
    @Option(help: ArgumentHelp(.encodingHelp)) public var encoding: String?
    @Option(help: ArgumentHelp(.monthHelp)) public var month: String?

    public init() {}

    /// The importer that was named, or the one that the header fits.
    public func importer(_ catalogue: Catalogue, currency: Currency?) throws -> Importer {
        let found = try kind == nil && looksLikeShopify() ? Imports.shopify.name : "product"
        let kind = kind ?? found
        if let known = Imports.all[kind] { return known }
        guard let definition = catalogue[kind] else {
            let kinds = Imports.all.keys.sorted() + catalogue.collections.map(\.name)
            throw UsageFault(Word.usageUnknownKind.text(kind, kinds.joined(separator: ", ")))
        }
        return .collection(definition, currency: currency)
    }

    private func looksLikeShopify() throws -> Bool {
        var pieces = try TextFile(path: file, encoding: .utf8).pieces()
        let start = try pieces.next() ?? []
        return start.starts(with: "Handle,Title".utf8)
    }
}

/// An import from the check to the tally: what a person sees of it.
public struct ImportRun {
    public let options: ImportOptions
    public let output: OutputOptions

    public init(options: ImportOptions, output: OutputOptions) {
        self.options = options
        self.output = output
    }

    /// - Parameter write: takes a batch of rows with the options and the file's mark, durably, as one entry.
    public func run(
        _ importer: Importer,
        write: ([ImportRow], [String: String], String) async throws -> ImportTally
    ) async throws {
        let encoding = try options.encoding.map { name in
            guard let encoding = TextEncoding(rawValue: name.lowercased()) else {
                let names = TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageFault(Word.usageUnknownKind.text(name, names))
            }
            return encoding
        }
        let file = try ImportFile(path: options.file, encoding: encoding, importer: importer)
        let check = try checked(file)
        var settings = ["file": String(check.mark.suffix(16)), "baskets": "\(check.rows)"]
        settings["month"] = options.month
        let progress = Progress(Word.progressImport.text())
        let good = check.rows - check.faultCount
        var tally = ImportTally()
        try await file.batches(of: options.oneByOne ? 1 : importer.rowsPerEntry) { batch in
            tally += try await write(batch, settings, check.mark)
            progress.show(tally.rows, of: good)
        }
        progress.end()
        report(tally, check)
    }

    /// Reads everything first; bad rows end it, unless the good ones are wanted.
    private func checked(_ file: ImportFile) throws -> ImportFile.Check {
        let progress = Progress(Word.progressCheck.text())
        let rejects = options.keepGoing ? RejectsFile(path: rejectsPath) : nil
        var bad = 0
        let check = try file.check { row, faults in
            bad += 1
            progress.show(bad, of: nil)
            try rejects?.add(row, faults)
        }
        progress.end()
        guard check.faultCount > 0, !options.keepGoing else { return check }
        for fault in check.faults.prefix(20) {
            let line = Word.importFaultLine.text(
                "\(fault.line)", fault.column ?? "", fault.reason.words)
            FileHandle.standardError.write(Data((line + "\n").utf8))
        }
        if check.faultCount > 20 {
            let more = Word.importFaultsMore.text("\(check.faultCount - 20)")
            FileHandle.standardError.write(Data((more + "\n").utf8))
        }
        throw RefusedImport(
            words: Word.importNothing.text("\(check.faultCount)", "\(check.rows)"))
    }

    private var rejectsPath: String { options.file + ".rejected.csv" }

    private func report(_ tally: ImportTally, _ check: ImportFile.Check) {
        output.say(
            Word.imported.text("\(tally.rows)", "\(tally.added)", "\(tally.known)"),
            json: [
                "rows": tally.rows, "added": tally.added, "known": tally.known,
                "madeUp": tally.madeUp, "rejected": check.faultCount,
            ])
        if tally.madeUp > 0 {
            let price = "\(Imports.madeUpMinor / 100).00"
            output.note(Word.importedMadeUp.text("\(tally.madeUp)", price))
        }
        if check.faultCount > 0 {
            output.note(Word.importRejected.text("\(check.faultCount)", rejectsPath))
        }
    }
}

private struct RefusedImport: Explained {
    let words: String
    var exitCode: Int32 { ExitCodes.refused }
}

/// Rows that were not taken, with where and why.
private final class RejectsFile {
    private let path: String
    private var handle: FileHandle?

    init(path: String) { self.path = path }

    func add(_ row: ImportRow, _ faults: [ImportFault]) throws {
        let handle = try self.handle ?? opened()
        let reasons = faults.map { "\($0.column ?? ""): \($0.reason.words)" }
        let cells = row.cells.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let line = CSVWriter.line(["\(row.line)", reasons.joined(separator: " ")] + cells)
        try handle.write(contentsOf: Data(line.utf8))
    }

    private func opened() throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else {
            throw TextFileFault.unreadable(path: path)
        }
        self.handle = handle
        return handle
    }
}
