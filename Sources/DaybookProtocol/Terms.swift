import DaybookModel
import FoundationEssentials

/// What holds for a laptop until it is told otherwise. Source: `Protocol/SPEC.md`, "An exchange".
public struct Terms: Hashable, Sendable {
    /// Every scope that the laptop may hold, sorted: what is new was gained, what is missing was lost.
    public let scopes: [Stamp]
    /// For how many days after head office has it what names persons in a scope may be read on the laptop by those
    /// whose duty it is; a scope that is not named: not at all.
    public let personalDays: [Stamp: Int]
    /// Who may work on it; sorted by person.
    public let people: [LaptopPerson]
    /// Sorted by the bytes of their names.
    public let silent: [SilentLaptop]
    /// ``PublicKey/name`` of the laptop's latest key that head office knows.
    public let keyName: [UInt8]
    /// What the last verified backup holds.
    public let backupMark: UInt64
    /// The laptop is taken out of service: nothing new is to be written on it.
    public let isRetiring: Bool
    /// For each scope what stands for the kinds of records whose names may be read there; 0 is not named.
    public let reading: [Stamp: UInt32]
    /// Names them, so that they are told only when they changed; a laptop says it again as it was told.
    public private(set) var name: [UInt8]

    static let nameBytesMax = 32
    /// Of names of terms, of scopes, of digests and of postings: enough to see that two differ.
    public static let nameBytes = 8

    public init(
        scopes: [Stamp], personalDays: [Stamp: Int] = [:], people: [LaptopPerson] = [],
        silent: [SilentLaptop] = [], keyName: [UInt8] = [], backupMark: UInt64 = 0,
        isRetiring: Bool = false, reading: [Stamp: UInt32] = [:], name: [UInt8]? = nil
    ) {
        self.scopes = scopes.sorted()
        self.personalDays = personalDays.filter { $0.value > 0 }
        self.people = people
        self.silent = silent.sorted { Array($0.name.utf8).lexicographicallyPrecedes($1.name.utf8) }
        self.keyName = keyName
        self.backupMark = backupMark
        self.isRetiring = isRetiring
        self.reading = reading.filter { $0.value != 0 }
        self.name = name ?? []
        guard name == nil else { return }
        self.name = Self.contentName(of: self)
    }

    private static func contentName(of terms: Terms) -> [UInt8] {
        var bytes = Self.bytes(terms.scopes, terms.personalDays, terms.reading)
        bytes.appendVarint(UInt64(terms.people.count))
        for one in terms.people {
            bytes.appendBigEndian(UInt64(bitPattern: one.person.rawValue))
            bytes.appendBigEndian(UInt64(bitPattern: one.code?.issued.milliseconds ?? 0))
            let code = one.code
            for part in [code?.secret.salt ?? [], code?.secret.hash ?? [], code?.keys ?? []] {
                bytes.append(part: part)
            }
        }
        bytes.appendVarint(UInt64(terms.silent.count))
        for one in terms.silent {
            bytes.append(part: Array(one.name.utf8))
            bytes.appendBigEndian(UInt64(bitPattern: one.since.milliseconds))
            bytes.appendVarint(UInt64(one.scopes.count))
            for scope in one.scopes { bytes.appendBigEndian(UInt64(bitPattern: scope.rawValue)) }
        }
        bytes.append(part: terms.keyName)
        bytes.appendBigEndian(terms.backupMark)
        bytes.append(terms.isRetiring ? 1 : 0)
        return Array(sha256(bytes).prefix(nameBytes))
    }

    public var scopesName: [UInt8] {
        Self.scopesName(scopes, personalDays: personalDays, reading: reading)
    }

    /// Names scopes with what of persons may be read there, and for how many days.
    public static func scopesName(
        _ scopes: [Stamp], personalDays: [Stamp: Int], reading: [Stamp: UInt32]
    ) -> [UInt8] {
        Array(sha256(bytes(scopes, personalDays, reading)).prefix(nameBytes))
    }

    private static func bytes(
        _ scopes: [Stamp], _ personalDays: [Stamp: Int], _ reading: [Stamp: UInt32]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendVarint(UInt64(scopes.count))
        for scope in scopes.sorted() {
            bytes.appendBigEndian(UInt64(bitPattern: scope.rawValue))
            bytes.appendVarint(UInt64(personalDays[scope] ?? 0))
            bytes.appendBigEndian(reading[scope] ?? 0)
        }
        return bytes
    }
}

/// A laptop that has nothing to say, and shows everything up to a sequence, asks whether there is anything to hear.
public struct Still: Hashable, Sendable {
    public let incarnation: UInt64
    public let sequence: UInt64
    /// ``name(run:sequence:lastPosting:lastPostingHash:termsName:digests:)``
    public let name: [UInt8]
    public let wall: Moment

    public init(incarnation: UInt64, sequence: UInt64, name: [UInt8], wall: Moment) {
        self.incarnation = incarnation
        self.sequence = sequence
        self.name = name
        self.wall = wall
    }

    /// Of all that the laptop holds: when head office makes the same of what it has, there is nothing to say.
    public static func name(
        run: UInt64, sequence: UInt64, lastPosting: UInt64, lastPostingHash: [UInt8],
        termsName: [UInt8], digests: [Stamp: Digest]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(run)
        bytes.appendBigEndian(sequence)
        bytes.appendBigEndian(lastPosting)
        bytes.append(part: lastPostingHash)
        bytes.append(part: termsName)
        for (scope, digest) in digests.sorted(by: { $0.key < $1.key }) {
            bytes.appendBigEndian(UInt64(bitPattern: scope.rawValue))
            bytes += digest.name
        }
        return Array(sha256(bytes).prefix(Terms.nameBytes))
    }
}

extension Digest {
    /// The first bytes of a hash of the sum and the count.
    public var name: [UInt8] {
        var bytes = self.bytes
        bytes.appendVarint(UInt64(count))
        return Array(sha256(bytes).prefix(Terms.nameBytes))
    }
}

extension Array where Element == UInt8 {
    /// With its length before it.
    fileprivate mutating func append(part: [UInt8]) {
        appendVarint(UInt64(part.count))
        self += part
    }
}

extension Terms {
    init(_ wire: WireTerms) throws(MalformedBytes) {
        guard wire.scopes.count <= Limits.scopesMax else {
            throw .tooLarge(what: "scopes", limit: Limits.scopesMax)
        }
        guard wire.silent.count <= Limits.silentMax else {
            throw .tooLarge(what: "silent laptops", limit: Limits.silentMax)
        }
        let scopes = try rising(wire.scopes)
        guard wire.personalDays.isEmpty || wire.personalDays.count == scopes.count,
            wire.reading.isEmpty || wire.reading.count == scopes.count
        else { throw .value("personal days") }
        guard wire.name.count <= Self.nameBytesMax else { throw .value("name") }
        var named = 0
        var silent: [SilentLaptop] = []
        for one in wire.silent {
            let laptop = try SilentLaptop(one)
            let isNext =
                silent.last.map {
                    Array($0.name.utf8).lexicographicallyPrecedes(laptop.name.utf8)
                } ?? true
            guard isNext else { throw .value("silent laptops out of order") }
            named += laptop.scopes.count
            guard named <= Limits.silentScopesMax else {
                throw .tooLarge(what: "scopes", limit: Limits.silentScopesMax)
            }
            silent.append(laptop)
        }
        self.init(
            scopes: scopes,
            personalDays: Dictionary(
                uniqueKeysWithValues: zip(scopes, wire.personalDays.map { Int($0) })),
            people: try LaptopPerson.list(wire.people), silent: silent,
            keyName: [UInt8](wire.keyName), backupMark: wire.backupMark, isRetiring: wire.retiring,
            reading: Dictionary(uniqueKeysWithValues: zip(scopes, wire.reading)),
            name: [UInt8](wire.name))
    }

    var wire: WireTerms {
        var wire = WireTerms()
        wire.scopes = scopes.map { UInt64($0.rawValue) }
        if !personalDays.isEmpty {
            wire.personalDays = scopes.map { UInt32(clamping: personalDays[$0] ?? 0) }
        }
        wire.people = people.map(\.wire)
        wire.silent = silent.map(\.wire)
        wire.keyName = Bytes(keyName)
        wire.backupMark = backupMark
        wire.retiring = isRetiring
        wire.name = Bytes(name)
        if !reading.isEmpty { wire.reading = scopes.map { reading[$0] ?? 0 } }
        return wire
    }
}

extension SilentLaptop {
    fileprivate init(_ wire: WireSilent) throws(MalformedBytes) {
        guard wire.scopes.count <= Limits.scopesMax else {
            throw .tooLarge(what: "scopes", limit: Limits.scopesMax)
        }
        self.init(
            name: try FieldColumns.text(Array(wire.laptop.utf8)),
            since: Moment(milliseconds: wire.sinceMs), scopes: try rising(wire.scopes))
    }

    fileprivate var wire: WireSilent {
        var wire = WireSilent()
        wire.laptop = name
        wire.sinceMs = since.milliseconds
        wire.scopes = scopes.map { UInt64($0.rawValue) }
        return wire
    }
}

/// Each once, in order.
private func rising(_ numbers: [UInt64]) throws(MalformedBytes) -> [Stamp] {
    var stamps: [Stamp] = []
    for number in numbers {
        let next = try stamp(number)
        guard stamps.last.map({ $0 < next }) ?? true else { throw .value("scopes out of order") }
        stamps.append(next)
    }
    return stamps
}

extension Still {
    init(_ wire: WireStill) throws(MalformedBytes) {
        guard wire.name.count == Terms.nameBytes else { throw .value("name") }
        self.init(
            incarnation: wire.incarnation, sequence: wire.sequence, name: [UInt8](wire.name),
            wall: Moment(milliseconds: wire.wallMs))
    }

    var wire: WireStill {
        var wire = WireStill()
        wire.incarnation = incarnation
        wire.sequence = sequence
        wire.name = Bytes(name)
        wire.wallMs = wall.milliseconds
        return wire
    }
}
