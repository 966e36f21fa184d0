import ArgumentParser
import DaybookCommands
import DaybookModel
import DaybookProtocol
import DaybookServer
import DaybookStorage
import DaybookWords

/// Shows by which signed postings a record and its edits came, and verifies them again.
struct ProveCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.proveAbstract, name: "prove")
    @Argument(help: ArgumentHelp(.recordHelp)) var record: String
    @OptionGroup var folder: FolderOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        guard let id = Stamp(text: record) else {
            throw UsageFault(Word.proveUnknown.text(record))
        }
        let answer: AdminAnswer
        do {
            answer = try await folder.open().door.ask(.prove(record: id))
        } catch AdminFault.recordUnknown {
            throw UsageFault(Word.proveUnknown.text(record))
        }
        guard case .proofs(let proofs) = answer else { return }
        if output.json {
            output.emit(
                proofs.map { proof in
                    var object: [String: Any] = [
                        "stamp": "\(proof.stamp)", "laptop": proof.laptop,
                        "incarnation": proof.incarnation, "posting": proof.posting,
                        "hash": hexadecimal(proof.hash), "arrived": "\(proof.arrived)",
                        "holdsChange": proof.holdsChange, "proven": proof.isProven,
                    ]
                    object["person"] = proof.person.map { "\($0)" }
                    object["signedBy"] = proof.signedBy.map(hexadecimal)
                    object["postingsBefore"] = proof.chain
                    return object
                })
        } else {
            show(proofs)
        }
        guard proofs.allSatisfy({ $0.isProven }) else { throw ExitCode(ExitCodes.refused) }
    }

    private func show(_ proofs: [OfficeStore.Proof]) {
        guard !proofs.isEmpty else { return print(Word.proveNothing.text()) }
        var table = TextTable(
            header: [
                Word.headId, .headLaptop, .headPosting, .headArrived, .headHash, .headKey,
                .headChain, .headState,
            ].map { $0.text() })
        for proof in proofs {
            let state: Word =
                proof.signedBy == nil
                ? .proveUnsigned
                : !proof.holdsChange
                    ? .proveOther : proof.chain == nil ? .proveGap : .proven
            table.add([
                .init("\(proof.stamp)"), .init(proof.laptop),
                .init("\(proof.posting)", isNumber: true), .init(Listing.local(proof.arrived)),
                .init(hexadecimal(Array(proof.hash.prefix(8)))),
                .init(proof.signedBy.map(hexadecimal) ?? ""),
                .init(proof.chain.map { "\($0)" } ?? "", isNumber: true), .init(state.text()),
            ])
        }
        output.table(table)
    }
}
