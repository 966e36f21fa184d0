import ArgumentParser
import DaybookCommands
import DaybookModel
import DaybookServer
import DaybookWords

/// Takes what names a person out of everything that head office keeps.
struct EraseCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.eraseAbstract, name: "erase")
    @Argument(help: ArgumentHelp(.eraseHelp)) var record: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        guard let id = Stamp(text: record) else {
            throw UsageFault(Word.proveUnknown.text(record))
        }
        let answer = try await folder.open().door.ask(.erase(record: id))
        guard case .erased(let erasure?) = answer else {
            throw UsageFault(Word.erasedNobody.text(record))
        }
        output.say(
            Word.erased.text(
                "\(erasure.values)", "\(erasure.records.count)", "\(erasure.postings)"),
            json: [
                "records": erasure.records.map { "\($0)" }, "values": erasure.values,
                "postings": erasure.postings,
            ])
        if !erasure.isLogClear { output.note(Word.eraseLogHeld.text()) }
        output.note(Word.erasedNext.text())
    }
}
