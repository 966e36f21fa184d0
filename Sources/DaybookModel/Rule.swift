/// Why head office refuses an edit or a removal. The numbers are the wire's; retired ones stay listed.
/// Source: `Protocol/SPEC.md`, "Reasons".
public enum RefusalReason: UInt32, Error, Sendable, CaseIterable {
    /// The laptop does not hold the record's scope.
    case notInScope = 1
    /// A fact is corrected by a reversing fact.
    case factIsNeverEdited = 2
    /// A stage moves by decisions only.
    case stageMovesByDecision = 3
    /// The value breaks the field's declared limits.
    case invalidValue = 4
    /// Head office has no such record.
    case recordUnknown = 5
    /// A rule of the collection forbids it.
    case againstRule = 6
    /// The person has not the right.
    case notAllowed = 7
}

/// What a rule says of a change.
public enum Ruling: Hashable, Sendable {
    case fine
    /// Recorded, but a person must look at it; the kind names the matter.
    case matter(String)
    /// Edits and removals only: what happened is never refused (law 1).
    case refused(RefusalReason)
}

/// A rule declared beside the collection that it guards: pure, run early by the laptop and finally by head office.
public struct Rule: Sendable {
    public let name: String
    public let judge: @Sendable (Change, Record?, any BookView) throws -> Ruling

    public init(
        _ name: String,
        judge: @escaping @Sendable (Change, Record?, any BookView) throws -> Ruling
    ) {
        self.name = name
        self.judge = judge
    }
}

/// What is wrong with a value, told to the person who typed it.
public enum ValueFault: Error, Hashable, Sendable {
    case wrongType
    case tooLong(maxBytes: Int)
    case holdsNul
    case outOfRange
    case notAPhoneNumber
    case unknownChoice([String])
}

extension FieldDefinition {
    /// The largest quantity either way: nobody counts more, and sums of millions of them stay exact.
    public static let quantityMax: Int64 = 1_000_000_000_000

    /// The fault of a value under this field's type; nil when it may be stored. Choices that a newer
    /// catalogue added are for ``faultWhenTyped(_:)`` only: a book takes them.
    public func fault(of value: Value) -> ValueFault? {
        guard value.storageClass == storage else { return .wrongType }
        // What names a person is judged by whoever can read it.
        if value.isSealed { return nil }
        var value = value
        if case .personal(let text?) = value { value = .text(text) }
        if case .text(let text) = value, text.utf8.contains(0) { return .holdsNul }
        switch (type, value) {
        case (.text(let most), .text(let text)) where text.utf8.count > most:
            return .tooLong(maxBytes: most)
        case (.bytes(let most), .bytes(let bytes)) where bytes.count > most:
            return .tooLong(maxBytes: most)
        case (.phone, .text(let text)) where PhoneNumber(text)?.description != text:
            return .notAPhoneNumber
        case (.quantity, .integer(let number))
        where !(-Self.quantityMax...Self.quantityMax).contains(number):
            return .outOfRange
        case (.day, .integer(let number)) where number.magnitude > UInt64(Day.numberMax):
            return .outOfRange
        case (.flag, .integer(let number)) where !(0...1).contains(number): return .outOfRange
        case (.reference, .integer(let number)), (.record, .integer(let number)):
            if number <= 0 { return .outOfRange }
            return nil
        case (.records(let most), .text(let text)):
            if text.utf8.count > most { return .tooLong(maxBytes: most) }
            return [Stamp](text: text) == nil ? .wrongType : nil
        default: return nil
        }
    }

    /// As ``fault(of:)``, and a choice must be one of the declared.
    public func faultWhenTyped(_ value: Value) -> ValueFault? {
        let value = own(value)
        if case .choice(let choices) = type, case .text(let code) = value,
            !choices.contains(where: { $0.code == code })
        {
            return .unknownChoice(choices.map(\.code))
        }
        return fault(of: value)
    }
}

/// What is wrong with a birth or an edit before any rule of the department is asked.
public enum ChangeFault: Error, Hashable, Sendable {
    case field(String, ValueFault)
    case missing(String)
    case tooLarge(sizeBytes: Int, sizeBytesMax: Int)
    case unknownCollection(UInt32)
    case unknownField(String)
    case refused(RefusalReason)
    /// The rule's name.
    case againstRule(String)
    /// Who names a person has to be logged in: nobody else could keep it from a thief.
    case personalLocked
}

extension CollectionDefinition {
    /// The first fault of a new record's values; unknown tags are for newer catalogues and pass.
    public func fault(ofBirth fields: [FieldValue]) -> ChangeFault? {
        for field in self.fields {
            if let value = fields.value(field.tag) {
                if let fault = field.fault(of: value) { return .field(field.name, fault) }
                if field.isRequired, value == field.own(.text("")) { return .missing(field.name) }
            } else if field.isRequired {
                return .missing(field.name)
            }
        }
        let size = fields.reduce(24) { $0 + 3 + $1.value.sizeBytes }
        guard size <= Record.sizeBytesMax else {
            return .tooLarge(sizeBytes: size, sizeBytesMax: Record.sizeBytesMax)
        }
        return nil
    }
}
