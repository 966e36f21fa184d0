import ArgumentParser
import DaybookCommands
import DaybookModel
import DaybookOperations
import DaybookWords

struct AllowanceGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .allowanceAbstract, name: "allowance", [AllowanceList.self, AllowanceClose.self])
}

struct AllowanceList: DaybookCommand {
    static let configuration = CommandConfiguration.word(.allowanceListAbstract, name: "list")
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        output.show(
            try open.read { try Allowances.report.make($0, [:]) }, silent: try open.silent())
    }
}

struct AllowanceClose: DaybookCommand {
    static let configuration = CommandConfiguration.word(.allowanceCloseAbstract, name: "close")
    @Argument(help: ArgumentHelp(.allowanceHelp)) var allowance: String
    @Argument(help: ArgumentHelp(.quantityHelp)) var quantity: Int64?
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let id = try open.id(allowance, in: "allowance")
        output.wrote(
            try open.write { try Acts.handBack($0, allowance: id, quantity: quantity) })
    }
}
