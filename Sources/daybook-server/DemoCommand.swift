import ArgumentParser
import DaybookCommands
import DaybookWords

struct DemoCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.demoAbstract, name: "demo")
    @OptionGroup var output: OutputOptions

    func act() async throws {}
}
