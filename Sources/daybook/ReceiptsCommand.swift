import ArgumentParser
import DaybookCommands
import DaybookProtocol
import DaybookWords

/// What head office has signed that it holds of this laptop's postings.
struct ReceiptsCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.receiptsAbstract, name: "receipts")
    @Option(help: ArgumentHelp(.lastHelp)) var last = 50
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        guard last > 0 else { throw UsageFault(Word.usageLast.text("\(last)")) }
        let receipts = try book.open().store.receipts(last: last)
        if output.json {
            output.emit(
                receipts.map { one in
                    [
                        "incarnation": one.receipt.incarnation, "posting": one.receipt.number,
                        "hash": hexadecimal(one.receipt.hash),
                        "arrived": "\(one.receipt.arrived)",
                        "signature": hexadecimal(one.receipt.signature), "holds": one.holds,
                    ] as [String: Any]
                })
        } else if receipts.isEmpty {
            print(Word.receiptsNone.text())
        } else {
            var table = TextTable(
                header: [Word.headPosting, .headArrived, .headHash, .headState].map { $0.text() })
            for one in receipts {
                let state: Word = one.holds ? .proven : .proveUnsigned
                table.add([
                    .init("\(one.receipt.number)", isNumber: true),
                    .init(Listing.local(one.receipt.arrived)),
                    .init(hexadecimal(Array(one.receipt.hash.prefix(8)))), .init(state.text()),
                ])
            }
            output.table(table)
        }
        guard receipts.allSatisfy({ $0.holds }) else { throw ExitCode(ExitCodes.refused) }
    }
}
