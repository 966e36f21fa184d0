import DaybookModel
import DaybookStorage

extension AdminDesk {
    /// Matters settled in one entry.
    private static let entryMax = 200

    /// Settles every open matter that the filter finds; how many.
    func settle(_ asked: MatterFilter, as typed: String, note: String?) throws -> Int {
        guard let settling = store.catalogue.settling else { throw AdminFault.recordUnknown }
        var filter = asked
        filter.isAll = false
        filter.most = .max
        let found = try store.matters(filter).matters
        guard !found.isEmpty else { throw AdminFault.matterUnknown(asked.code ?? "") }
        // All can be settled so, or none is.
        let chosen = try found.map { one in
            guard let choice = one.matter.choices.first(where: { $0.typed == typed }) else {
                throw AdminFault.choiceUnknown(typed, one.matter.choices.map(\.typed))
            }
            return (one.matter, choice)
        }
        for start in stride(from: 0, to: chosen.count, by: Self.entryMax) {
            try store.write(person: nil, clock: surroundings.reading()) { writer in
                for (matter, choice) in chosen[start..<min(start + Self.entryMax, chosen.count)] {
                    try settling.settle(writer, matter, choice, note)
                }
            }
        }
        return found.count
    }
}
