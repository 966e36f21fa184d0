import DaybookModel
import DaybookProtocol
import DaybookStorage

/// Shares, what is issued from them, and what people have to settle.
extension Simulation {
    /// Issues from a share of this laptop's, or knowingly beyond it.
    func issue(
        _ writer: any EntryWriter, at place: Stamp, beyond: Bool
    ) throws -> [Stamp] {
        var fields = [FieldValue(1, place.value)]
        var shares: [Record] = []
        try writer.forEach(in: "share") { share in
            if share.scope == place, share.fields.value(2) == .text(writer.laptop ?? "") {
                shares.append(share)
            }
        }
        let open = try shares.first { try TradeMatters.left(of: $0, writer) > 0 }
        if let open {
            fields.append(FieldValue(2, open.id.value))
        } else {
            guard beyond else { return [] }
            fields.append(FieldValue(3, true.value))
        }
        return [try writer.birth(Draft(collection: "issue", fields: fields))]
    }

    /// Settles something that is open on the laptop.
    func settle(
        _ writer: any EntryWriter, _ open: [ListedMatter], _ draw: UInt64
    ) throws -> [Stamp] {
        let shown = open.filter { $0.matter.choices.first?.code == "seen" }
        guard !shown.isEmpty else { return [] }
        let one = shown[Int(draw % UInt64(shown.count))]
        return [try writer.birth(TradeMatters.settlement(of: one.matter))]
    }

    /// Matters are a function of what is there: worked out as it came, worked out anew, and on whatever laptop.
    func checkMatters() throws {
        guard let store = office.store else { return }
        let kept = try derived(store.matters(Self.everything).matters)
        try store.deriveMatters()
        let anew = try derived(store.matters(Self.everything).matters)
        guard kept == anew else {
            throw Broken("head office's matters are \(kept), worked out anew \(anew)")
        }
        for laptop in laptops {
            guard let book = laptop.book else { continue }
            let scopes = Set(try store.scopes(of: laptop.name))
            let theirs = try derived(book.matters(Self.everything, of: nil).matters)
            let ours = kept.filter { scopes.contains($0.value) }
            guard Set(theirs.keys) == Set(ours.keys) else {
                throw Broken(
                    "\(laptop.name)'s matters are \(theirs.keys), at head office \(ours.keys)")
            }
        }
        try checkShares(store, kept)
    }

    private static let everything: MatterFilter = {
        var filter = MatterFilter()
        filter.most = .max
        return filter
    }()

    /// Those that follow from records and that whoever holds these can tell, with their scopes.
    private func derived(_ matters: [ListedMatter]) -> [MatterKey: Stamp] {
        let noted = Set(MatterKind.noted.map(\.code))
        return Dictionary(
            matters.map(\.matter).filter { !noted.contains($0.key.kind) && !isOfNames($0) }
                .map { ($0.key, $0.scope) }
        ) { first, _ in first }
    }

    /// Whether two names differ only head office can read.
    private func isOfNames(_ matter: Matter) -> Bool {
        guard case .edit(_, let collection, let field, _)? = matter.choices.first?.act else {
            return false
        }
        return Trade.catalogue(Trade.newest, isOffice: true)[collection]?.field(field)?.isPersonal
            ?? false
    }

    /// Without copies and restores no more is issued than was lent; with them, every excess is a matter, settled or
    /// not.
    private func checkShares(_ store: OfficeStore, _ open: [MatterKey: Stamp]) throws {
        let forgets: [Fault] = [
            .laptopRestored, .laptopCloned, .bothRestored, .officeRestored, .failover, .nodeTwice,
        ]
        let mayExceed = forgets.contains { counts[$0.rawValue] != nil } || hasRegressed
        try store.read { view in
            var over: [Stamp] = []
            try view.forEach(in: "share") { share in
                if try TradeMatters.left(of: share, view) < 0 { over.append(share.id) }
            }
            try view.forEach(in: "issue") { issue in
                count(issue.fields.value(2) == nil ? "issuedBeyond" : "issuedFromShare")
            }
            for id in over {
                guard mayExceed else { throw Broken("more issued from \(id) than was lent") }
                let key = MatterKey(kind: TradeMatters.overspent.code, about: [id])
                let settled = try view.catalogue.settling?.settlements(key, view) ?? []
                guard open[key] != nil || !settled.isEmpty else {
                    throw Broken("more was issued from \(id) than was lent, and nobody is told")
                }
            }
            count(over.isEmpty ? "sharesKept" : "sharesExceeded")
        }
    }
}
