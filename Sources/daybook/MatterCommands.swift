import ArgumentParser
import DaybookCommands
import DaybookModel
import DaybookStorage
import DaybookWords

struct MattersGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "matters", abstract: Word.mattersAbstract.text(),
        subcommands: [MattersList.self, MattersShow.self, MattersSettle.self, MattersUndo.self],
        defaultSubcommand: MattersList.self)
}

extension OpenBook {
    func filter(_ options: MatterOptions) async throws -> MatterFilter {
        try await options.filter { text in
            try await place(text) { text, collection in
                try read { try $0.records(named: text, in: collection) }
            }
        }
    }

    /// - Parameter isForAll: not only what whoever works here may settle.
    func matters(
        _ filter: MatterFilter, isForAll: Bool
    ) throws -> (matters: [ListedMatter], total: Int) {
        let person = try store.worker(clock: surroundings.reading())
        return try store.matters(
            filter, of: isForAll ? nil : person, keys: person == nil ? nil : session.keys())
    }

    /// Settles every open matter that the filter finds; how many.
    func settle(_ asked: MatterFilter, as typed: String, note: String?) throws -> Int {
        var filter = asked
        filter.most = .max
        let found = try matters(filter, isForAll: asked.code != nil).matters
        guard !found.isEmpty, let settling = catalogue.settling else {
            throw UsageFault(
                Word.matterUnknown.text(asked.code ?? asked.kinds.joined(separator: ", ")))
        }
        try settling.settle(found, as: typed, note: note) { try write($0) }
        return found.count
    }
}

struct MattersList: DaybookCommand {
    static let configuration = CommandConfiguration.word(.mattersListAbstract, name: "list")
    @OptionGroup var which: MatterOptions
    @Flag(help: ArgumentHelp(.mattersAllHelp)) var all = false
    @Flag(help: ArgumentHelp(.everyoneHelp)) var everyone = false
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        var filter = try await open.filter(which)
        filter.isAll = all
        let (matters, total) = try open.matters(filter, isForAll: everyone)
        output.list(matters, of: total)
        output.noteSilent(try open.silent())
    }
}

struct MattersShow: DaybookCommand {
    static let configuration = CommandConfiguration.word(.mattersShowAbstract, name: "show")
    @Argument(help: ArgumentHelp(.matterCodeHelp)) var code: String
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        var filter = MatterFilter()
        filter.code = code
        filter.isAll = true
        guard let found = try book.open().matters(filter, isForAll: true).matters.first else {
            throw UsageFault(Word.matterUnknown.text(code))
        }
        output.show(found)
    }
}

struct MattersSettle: DaybookCommand {
    static let configuration = CommandConfiguration.word(.mattersSettleAbstract, name: "settle")
    @Argument(help: ArgumentHelp(.matterCodeHelp)) var code: String?
    @Option(name: .customLong("as"), help: ArgumentHelp(.settleAsHelp)) var choice: String
    @Option(help: ArgumentHelp(.noteHelp)) var note: String?
    @OptionGroup var which: MatterOptions
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        var filter = try await open.filter(which)
        filter.code = code
        guard code != nil || !which.kind.isEmpty else {
            throw UsageFault(Word.usageWhichMatter.text())
        }
        let count = try open.settle(filter, as: choice, note: note)
        output.say(Word.mattersSettledHere.text("\(count)"), json: ["settled": count])
    }
}

struct MattersUndo: DaybookCommand {
    static let configuration = CommandConfiguration.word(.mattersUndoAbstract, name: "undo")
    @Argument(help: ArgumentHelp(.settlementHelp)) var settlement: String
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let id = try open.id(settlement, in: "settlement")
        guard let settling = open.catalogue.settling else { return }
        try open.write { try settling.undo($0, id) }
        output.say(Word.settlementUndone.text(), json: ["id": "\(id)"])
    }
}
