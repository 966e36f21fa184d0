import ArgumentParser
import DaybookCommands
import DaybookWords

@main
struct Daybook: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook", abstract: Word.daybookAbstract.text(), version: "0.1.0",
        subcommands: [
            EnrolCommand.self, AgentCommand.self, SyncCommand.self, StatusCommand.self,
            LoginCommand.self, LogoutCommand.self, PinCommand.self, InboxCommand.self,
            MattersGroup.self, AllowanceGroup.self, DecideCommand.self,
            DecisionsCommand.self,
            AddCommand.self, EditCommand.self,
            RemoveCommand.self, ListCommand.self, ShowCommand.self, ImportCommand.self,
            ExportCommand.self, SignupGroup.self, GiftGroup.self, CountGroup.self,
            ReceiptsCommand.self, RepairCommand.self, BundleGroup.self, StockGroup.self,
            LoanGroup.self, SaleGroup.self,
        ])
}
