/// The value of a field; an absent value is no value at all (nil), never a case of its own.
public enum Value: Sendable, Codable {
    /// Integers, quantities, moments (ms since 1970), days (since 1970), flags (0/1), references (stamps).
    case integer(Int64)
    /// Text, choices, phone numbers: UTF-8 without NUL, compared by its bytes.
    case text(String)
    case bytes([UInt8])
    case amount(Amount)
    /// Text that names a person. Nil says that there is some, for somebody else to read: what two books hold of it
    /// is the same when the stamp that names it is.
    case personal(String?)
}

/// Money: a count of the currency's minor unit (fen, cents).
public struct Amount: Hashable, Sendable, Codable {
    public let minor: Int64
    public let currency: Currency

    public init(minor: Int64, currency: Currency) {
        self.minor = minor
        self.currency = currency
    }
}

/// An ISO 4217 code: three capital letters.
public struct Currency: Hashable, Sendable, Codable, CustomStringConvertible {
    public let code: String

    public init?(_ code: String) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (65...90).contains($0) }) else {
            return nil
        }
        self.code = code
    }

    public var description: String { code }

    /// Digits after the point: 0 for the currencies without a minor unit, else 2.
    public var fractionDigits: Int { ["JPY", "KRW", "VND"].contains(code) ? 0 : 2 }
}

extension Value: Hashable {
    /// Text is equal when its UTF-8 is: Swift's own `==` takes é and e + ◌́ for the same.
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.integer(let one), .integer(let two)): one == two
        case (.text(let one), .text(let two)): one.utf8.elementsEqual(two.utf8)
        case (.bytes(let one), .bytes(let two)): one == two
        case (.amount(let one), .amount(let two)): one == two
        case (.personal(let one?), .personal(let two?)): one.utf8.elementsEqual(two.utf8)
        case (.personal(nil), .personal(nil)): true
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .integer(let number): hasher.combine(number)
        case .text(let text): for byte in text.utf8 { hasher.combine(byte) }
        case .bytes(let bytes): hasher.combine(bytes)
        case .amount(let amount): hasher.combine(amount)
        case .personal(let text):
            hasher.combine(text == nil)
            for byte in (text ?? "").utf8 { hasher.combine(byte) }
        }
    }
}

/// How a value is stored and sent; several field types share one.
public enum StorageClass: UInt8, Sendable, CaseIterable {
    case integer = 1
    case text = 2
    case bytes = 3
    case amount = 4
    case personal = 5
}

extension Value {
    public var storageClass: StorageClass {
        switch self {
        case .integer: .integer
        case .text: .text
        case .bytes: .bytes
        case .amount: .amount
        case .personal: .personal
        }
    }

    /// Without what names a person, as everybody holds it.
    public var told: Value {
        if case .personal = self { .personal(nil) } else { self }
    }

    /// A person's name or number that is there, and not to be read here.
    public var isSealed: Bool {
        if case .personal(nil) = self { true } else { false }
    }

    /// About what the value costs in memory and on the wire, for limits.
    public var sizeBytes: Int {
        switch self {
        case .integer: 8
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        case .amount: 11
        case .personal(let text): text?.utf8.count ?? 0
        }
    }
}

/// A field's tag with its value, as records, births and the wire carry them: sorted by tag, absent ones left out.
public struct FieldValue: Hashable, Sendable, Codable {
    public let tag: UInt32
    public let value: Value

    public init(_ tag: UInt32, _ value: Value) {
        self.tag = tag
        self.value = value
    }
}

extension Array where Element == FieldValue {
    public func value(_ tag: UInt32) -> Value? { first { $0.tag == tag }?.value }

    /// Keeps the order by tag; nil removes.
    public mutating func set(_ tag: UInt32, _ value: Value?) {
        let place = firstIndex { $0.tag >= tag } ?? endIndex
        let held = place < endIndex && self[place].tag == tag
        switch (held, value) {
        case (true, nil): remove(at: place)
        case (false, nil): break
        case (true, let value?): self[place] = FieldValue(tag, value)
        case (false, let value?): insert(FieldValue(tag, value), at: place)
        }
    }
}
