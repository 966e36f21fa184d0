/// How soon somebody should look.
public enum Grade: Int64, Sendable, Codable, Comparable, CaseIterable {
    case information = 1
    case attention = 2
    case urgent = 3

    public static func < (left: Grade, right: Grade) -> Bool { left.rawValue < right.rawValue }
}

/// One kind of what a person must settle.
public struct MatterKind: Hashable, Sendable {
    /// For scripts and settlements; never changes.
    public let code: String
    public let label: Label
    /// Why it matters, for whoever has to settle it.
    public let why: Label
    public let grade: Grade
    /// Whose it is to settle, in its scope.
    public let duty: Rights.Holder

    public init(
        _ code: String, _ grade: Grade, duty: Rights.Holder, _ english: String, _ chinese: String,
        why: Label
    ) {
        self.code = code
        self.grade = grade
        self.duty = duty
        self.why = why
        label = Label(english, chinese)
    }
}

/// One way to settle a matter.
public struct MatterChoice: Hashable, Sendable, Codable {
    /// What settling so writes.
    public enum Act: Hashable, Sendable, Codable {
        /// That it was settled so.
        case settlement
        /// A document's field anew, over all of its heads.
        case edit(record: Stamp, collection: String, field: String, value: Value?)
        /// That these settlements do not hold.
        case undoing([Stamp])
    }

    public let code: String
    /// The side that is chosen, where the choice is between them.
    public let chosen: Stamp?
    public let label: Label
    /// What it would do.
    public let effect: Label
    public let act: Act

    public init(
        _ code: String, chosen: Stamp? = nil, _ english: String, _ chinese: String, effect: Label,
        act: Act = .settlement
    ) {
        self.code = code
        self.chosen = chosen
        self.effect = effect
        self.act = act
        label = Label(english, chinese)
    }

    /// What is typed for it.
    public var typed: String { chosen.map { "\(code):\($0)" } ?? code }
}

/// What names a matter: computing it again finds the same, and makes none twice.
public struct MatterKey: Hashable, Sendable, Codable {
    /// A ``MatterKind``'s code.
    public let kind: String
    /// Most records that a matter is about: of more it is about the first, so that a number which signs up all day
    /// makes no longer and longer ones.
    public static let aboutMax = 64

    /// The records that it is about, sorted, without repetition, never empty.
    public let about: [Stamp]

    public init(kind: String, about: [Stamp]) {
        precondition(!about.isEmpty, "a matter is about something")
        self.kind = kind
        self.about = Array(Set(about).sorted().prefix(Self.aboutMax))
    }

    /// Ten characters of Crockford base 32 for people to type: 50 bits of FNV-1a over kind and records. It finds a
    /// matter; what is written names kind and records.
    public var code: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in kind.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for stamp in about {
            for byte in withUnsafeBytes(of: stamp.rawValue.littleEndian, Array.init) {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        hash ^= hash >> 32
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        return String((0..<10).reversed().map { alphabet[Int(hash >> (5 * UInt64($0)) & 31)] })
    }
}

/// What a person must settle: derived from the facts, never a record itself.
public struct Matter: Hashable, Sendable, Codable {
    /// One of what disagrees.
    public struct Side: Hashable, Sendable, Codable {
        public let collection: String
        public let record: Stamp

        public init(_ record: Stamp, in collection: String) {
            self.record = record
            self.collection = collection
        }
    }

    /// One thing worth knowing about it.
    public struct Remark: Hashable, Sendable, Codable {
        public let label: Label
        public let cell: ReportTable.Cell

        public init(_ english: String, _ chinese: String, _ cell: ReportTable.Cell) {
            label = Label(english, chinese)
            self.cell = cell
        }
    }

    public let key: MatterKey
    public let scope: Stamp
    public let grade: Grade
    public let sides: [Side]
    public let remarks: [Remark]
    public let choices: [MatterChoice]

    public init(
        _ kind: MatterKind, about: [Stamp], scope: Stamp, grade: Grade? = nil, sides: [Side],
        remarks: [Remark] = [], choices: [MatterChoice]
    ) {
        key = MatterKey(kind: kind.code, about: about)
        self.scope = scope
        self.grade = grade ?? kind.grade
        self.sides = Array(sides.prefix(MatterKey.aboutMax))
        self.remarks = Array(remarks.prefix(MatterKey.aboutMax))
        self.choices = choices
    }
}

/// What became of a matter.
public enum MatterState: Int64, Sendable, Codable {
    case open = 0
    /// Somebody said how.
    case settled = 1
    /// Its cause is gone: other facts explain it, or it became another matter.
    case overtaken = 2
}
