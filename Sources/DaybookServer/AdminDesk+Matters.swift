import DaybookModel
import DaybookStorage

extension AdminDesk {
    /// Settles every open matter that the filter finds; how many.
    func settle(_ asked: MatterFilter, as typed: String, note: String?) throws -> Int {
        guard let settling = store.catalogue.settling else { throw AdminFault.recordUnknown }
        var filter = asked
        filter.isAll = false
        filter.most = .max
        let found = try store.matters(filter).matters
        guard !found.isEmpty else {
            throw AdminFault.matterUnknown(asked.code ?? asked.kinds.joined(separator: ", "))
        }
        do {
            try settling.settle(found, as: typed, note: note) {
                try store.write(person: nil, clock: surroundings.reading(), $0)
            }
        } catch let unknown as ChoiceUnknown {
            throw AdminFault.choiceUnknown(unknown.typed, unknown.known, code: unknown.code)
        }
        return found.count
    }
}
