import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookStorage
import DaybookWords
import Foundation

struct AddCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.addAbstract, name: "add")
    @Argument(help: ArgumentHelp(.collectionHelp)) var collection: String
    @Argument(help: ArgumentHelp(.assignmentsHelp)) var assignments: [String] = []
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let definition = try open.catalogue.named(collection)
        let parsed = try Assignment.parse(
            assignments, definition, currency: try open.currency
        ) { try open.id($1, in: $0) }
        let fields = parsed.compactMap { one in
            one.value.map { FieldValue(one.field.tag, $0) }
        }
        let id = try open.write {
            try $0.birth(Draft(collection: definition.name, fields: fields))
        }
        output.wrote(id)
    }
}

extension OutputOptions {
    func wrote(_ id: Stamp) { say(Word.written.text("\(id)"), json: ["id": "\(id)"]) }

    /// Says what was written, and at once what somebody has to look at because of it.
    func wrote(_ id: Stamp, in book: OpenBook) throws {
        var filter = MatterFilter()
        filter.about = [id]
        let matters = try book.matters(filter, isForAll: true).matters
        guard !json else {
            var object: [String: Any] = ["id": "\(id)"]
            if !matters.isEmpty {
                object["matters"] = matters.map {
                    ["code": $0.code, "kind": $0.matter.key.kind]
                }
            }
            return emit(object)
        }
        print(Word.written.text("\(id)"))
        for one in matters {
            print(Word.matterNoticed.text(Self.label(of: one.matter).text(), one.code))
        }
    }
}

struct EditCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.editAbstract, name: "edit")
    @Argument(help: ArgumentHelp(.collectionHelp)) var collection: String
    @Argument(help: ArgumentHelp(.recordHelp)) var record: String
    @Argument(help: ArgumentHelp(.assignmentsHelp)) var assignments: [String]
    @Flag(help: ArgumentHelp(.settleHelp)) var settle = false
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let definition = try open.catalogue.named(collection)
        let parsed = try Assignment.parse(
            assignments, definition, currency: try open.currency
        ) { try open.id($1, in: $0) }
        let id = try open.id(record, in: collection)
        try open.write { writer in
            for one in parsed {
                try writer.edit(
                    id, in: collection, field: one.field.name, to: one.value, settling: settle)
            }
        }
        output.say(Word.edited.text(), json: ["id": "\(id)"])
    }
}

struct RemoveCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.removeAbstract, name: "remove")
    @Argument(help: ArgumentHelp(.collectionHelp)) var collection: String
    @Argument(help: ArgumentHelp(.recordHelp)) var record: String
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        _ = try open.catalogue.named(collection)
        let id = try open.id(record, in: collection)
        try open.write { try $0.remove(id, in: collection) }
        output.say(Word.removed.text(), json: ["id": "\(id)"])
    }
}

struct ListCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.listAbstract, name: "list")
    @Argument(help: ArgumentHelp(.collectionHelp)) var collection: String
    @Option(help: ArgumentHelp(.lastHelp)) var last = 50
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let definition = try open.catalogue.named(collection)
        try open.read { view in
            let records = try view.last(max(1, last), in: collection)
            if output.json {
                output.emit(records.map { Listing.json($0, definition) })
            } else if records.isEmpty {
                print(Word.listEmpty.text())
            } else {
                output.table(Listing.table(records, definition, title: open.titles(view)))
            }
        }
        output.noteSilent(try open.silent())
    }
}

struct ShowCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.showAbstract, name: "show")
    @Argument(help: ArgumentHelp(.collectionHelp)) var collection: String
    @Argument(help: ArgumentHelp(.recordHelp)) var record: String
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let definition = try open.catalogue.named(collection)
        let found = try open.find(record, in: collection)
        try open.read { view in
            guard !output.json else { return output.emit(Listing.json(found, definition)) }
            let titles = open.titles(view)
            print("\(definition.label.text()) \(found.id)")
            for field in definition.fields where !field.isHint {
                guard let value = found.fields.value(field.tag) else { continue }
                print("  \(field.label.text()): \(Listing.text(value, field, titles))")
                for held in found.disputes where held.tag == field.tag {
                    let others = held.others.map { $0.value.map(field.format) ?? "—" }
                    print("    ⚠ " + Word.disputed.text(others.joined(separator: " | ")))
                }
            }
            print("  \(Word.headBy.text()): \(found.by.map(titles) ?? "")")
            print("  \(Word.headAt.text()): \(Listing.local(found.at))")
        }
    }
}

struct ImportCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.importAbstract, name: "import")
    @OptionGroup var options: ImportOptions
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let importer = try options.importer(open.catalogue, currency: try open.currency)
        try await ImportRun(options: options, output: output).run(importer) {
            rows, settings, mark in
            try open.write {
                try importer.write($0, rows: rows, options: settings, file: mark)
            }
        }
    }
}

struct ExportCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.exportAbstract, name: "export")
    @Argument(help: ArgumentHelp(.collectionHelp)) var collection: String
    @Argument(help: ArgumentHelp(.outputHelp), completion: .file()) var file: String?
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let definition = try open.catalogue.named(collection)
        let handle: FileHandle
        if let file {
            guard !FileManager.default.fileExists(atPath: file) else {
                throw UsageFault(Word.faultExists.text(file))
            }
            guard FileManager.default.createFile(atPath: file, contents: nil),
                let opened = FileHandle(forWritingAtPath: file)
            else { throw UsageFault(Word.faultReadOnly.text(file)) }
            handle = opened
        } else {
            handle = .standardOutput
        }
        try handle.write(contentsOf: Data(Export.header(definition).utf8))
        var count = 0
        try open.read { view in
            try view.forEach(in: collection) { record in
                try handle.write(contentsOf: Data(Export.line(record, definition).utf8))
                count += 1
            }
        }
        if let file {
            output.say(
                Word.exported.text("\(count)", file), json: ["records": count, "file": file])
        }
    }
}
