import ArgumentParser
import DaybookCommands
import DaybookModel
import DaybookServer
import DaybookStorage
import DaybookWords

struct StockGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .stockAbstract, name: "stock", [StockExplain.self])
}

struct StockExplain: DaybookCommand {
    static let configuration = CommandConfiguration.word(.stockExplainAbstract, name: "explain")
    @Argument(help: ArgumentHelp(.storeHelp)) var store: String
    @Argument(help: ArgumentHelp(.productHelp)) var product: String
    @Option(help: ArgumentHelp(.explainAtHelp)) var at: String?
    @Option(help: ArgumentHelp(.explainKnownHelp)) var knownAt: String?
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        var options = [
            "store": "\(try await office.find(store, in: "store").id)",
            "product": "\(try await office.find(product, in: "product").id)",
        ]
        options["at"] = try moment(at)
        options["known"] = try moment(knownAt)
        try await show("explain", office, output, options: options)
    }
}

struct MattersGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "matters", abstract: Word.mattersAbstract.text(),
        subcommands: [MattersList.self, MattersShow.self, MattersSettle.self, MattersUndo.self],
        defaultSubcommand: MattersList.self)
}

extension Office {
    func filter(_ options: MatterOptions) async throws -> MatterFilter {
        try await options.filter { text in
            try await place(text)
        }
    }

    func matters(_ filter: MatterFilter) async throws -> (matters: [ListedMatter], total: Int) {
        guard case .matters(let matters, let total) = try await door.ask(.matters(filter)) else {
            throw AdminUnreachable(status: 200)
        }
        return (matters, total)
    }
}

struct MattersList: DaybookCommand {
    static let configuration = CommandConfiguration.word(.mattersListAbstract, name: "list")
    @OptionGroup var which: MatterOptions
    @Flag(help: ArgumentHelp(.mattersAllHelp)) var all = false
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        var filter = try await office.filter(which)
        filter.isAll = all
        let (matters, total) = try await office.matters(filter)
        output.list(matters, of: total)
        output.noteSilent(try await office.silent())
    }
}

struct MattersShow: DaybookCommand {
    static let configuration = CommandConfiguration.word(.mattersShowAbstract, name: "show")
    @Argument(help: ArgumentHelp(.matterCodeHelp)) var code: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        var filter = MatterFilter()
        filter.code = code
        filter.isAll = true
        guard let found = try await folder.open().matters(filter).matters.first else {
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
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        var filter = try await office.filter(which)
        filter.code = code
        guard code != nil || !which.kind.isEmpty else {
            throw UsageFault(Word.usageWhichMatter.text())
        }
        guard
            case .settled(let count) = try await office.door.ask(
                .settle(filter, as: choice, note: note))
        else { throw AdminUnreachable(status: 200) }
        output.say(Word.mattersSettled.text("\(count)"), json: ["settled": count])
    }
}

struct MattersUndo: DaybookCommand {
    static let configuration = CommandConfiguration.word(.mattersUndoAbstract, name: "undo")
    @Argument(help: ArgumentHelp(.settlementHelp)) var settlement: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        let held = try await office.find(settlement, in: "settlement")
        _ = try await office.door.ask(.undoSettlement(held.id))
        output.say(Word.settlementUndone.text(), json: ["id": "\(held.id)"])
    }
}
