import ArgumentParser
import DaybookCommands
import DaybookWords

@main
struct DaybookServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daybook-server", abstract: Word.serverAbstract.text(), version: "0.1.0",
        subcommands: [
            InitCommand.self, ServeCommand.self, StatusCommand.self, FiguresCommand.self,
            StoreGroup.self, StaffGroup.self, EventGroup.self, LaptopGroup.self,
            ImportCommand.self, ListCommand.self, EditCommand.self, BackupCommand.self,
            RestoreCommand.self, VerifyCommand.self, RecoveryCommand.self, BundleGroup.self,
            ProveCommand.self, EraseCommand.self, QuarantineGroup.self, MattersGroup.self,
            StockGroup.self, AllowanceGroup.self, DecideCommand.self, DecisionsCommand.self,
            AddCommand.self, MetricsCommand.self, DemoCommand.self,
        ])
}
