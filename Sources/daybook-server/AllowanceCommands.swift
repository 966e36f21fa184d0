import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookServer
import DaybookWords

struct AllowanceGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .allowanceAbstract, name: "allowance",
        [AllowanceSupply.self, AllowanceLend.self, AllowanceWriteOff.self, AllowanceList.self])
}

extension Office {
    /// The store or event that a person names.
    func place(_ text: String) async throws -> Stamp {
        try await DaybookCommands.place(text) {
            try await records(.find(collection: $1, text: $0))
        }
    }
}

struct AllowanceSupply: DaybookCommand {
    static let configuration = CommandConfiguration.word(.allowanceSupplyAbstract, name: "supply")
    @Argument(help: ArgumentHelp(.placeNameHelp)) var place: String
    @Argument(help: ArgumentHelp(.productHelp)) var product: String
    @Argument(help: ArgumentHelp(.quantityHelp)) var quantity: Int64
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        var draft = Draft(Supply.self)
        draft[Supply.place] = try await office.place(place)
        draft[Supply.product] = try await office.find(product, in: "product").id
        draft[Supply.quantity] = quantity
        let ids = try await office.write([AdminDraft(draft)])
        output.say(Word.written.text("\(ids[0])"), json: ["id": "\(ids[0])"])
    }
}

struct AllowanceLend: DaybookCommand {
    static let configuration = CommandConfiguration.word(.allowanceLendAbstract, name: "lend")
    @Argument(help: ArgumentHelp(.placeNameHelp)) var place: String
    @Argument(help: ArgumentHelp(.productHelp)) var product: String
    @Argument(help: ArgumentHelp(.laptopNameHelp)) var laptop: String
    @Argument(help: ArgumentHelp(.quantityHelp)) var quantity: Int64
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        guard case .laptops(let held) = try await office.door.ask(.manage(.list)),
            held.contains(where: { $0.name == laptop && !$0.isRevoked })
        else { throw AdminFault.laptopUnknown(laptop) }
        var draft = Draft(Allowance.self)
        draft[Allowance.place] = try await office.place(place)
        draft[Allowance.product] = try await office.find(product, in: "product").id
        draft[Allowance.laptop] = laptop
        draft[Allowance.quantity] = quantity
        let ids = try await office.write([AdminDraft(draft)])
        output.say(Word.lent.text("\(quantity)", laptop, "\(ids[0])"), json: ["id": "\(ids[0])"])
    }
}

struct AllowanceWriteOff: DaybookCommand {
    static let configuration = CommandConfiguration.word(
        .allowanceWriteOffAbstract, name: "write-off")
    @Argument(help: ArgumentHelp(.allowanceHelp)) var allowance: String
    @Argument(help: ArgumentHelp(.quantityHelp)) var quantity: Int64
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let office = try folder.open()
        guard quantity > 0 else { throw Acts.Fault.quantityNotPositive }
        var draft = Draft(Handback.self)
        draft[Handback.allowance] = try await office.find(allowance, in: "allowance").id
        draft[Handback.quantity] = quantity
        draft[Handback.reason] = "written_off"
        let ids = try await office.write([AdminDraft(draft)])
        output.say(Word.written.text("\(ids[0])"), json: ["id": "\(ids[0])"])
    }
}

struct AllowanceList: DaybookCommand {
    static let configuration = CommandConfiguration.word(.allowanceListAbstract, name: "list")
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        try await show("allowances", folder.open(), output)
    }
}
