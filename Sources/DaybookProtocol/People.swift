import CryptoExtras
import DaybookModel
import FoundationEssentials

/// What a person types to be known, as it is kept: salted, and slow to try. Source: RFC 7914 (scrypt);
/// `Protocol/SPEC.md`, "People".
public struct SlowHash: Hashable, Sendable {
    public static let saltBytes = 16
    private static let hashBytes = 32
    /// 64 MiB for each try.
    private static let (rounds, blockSize) = (1 << 16, 8)

    public let salt: [UInt8]
    public let hash: [UInt8]

    /// Throws ``MalformedBytes`` for other lengths.
    public init(salt: [UInt8], hash: [UInt8]) throws(MalformedBytes) {
        guard salt.count == Self.saltBytes, hash.count == Self.hashBytes else {
            throw .value("slow hash")
        }
        self.salt = salt
        self.hash = hash
    }

    /// - Parameter salt: 16 random bytes.
    public init(of text: String, salt: [UInt8]) throws {
        try self.init(salt: salt, hash: Self.derive(text, salt))
    }

    /// Takes a fraction of a second, whatever is typed.
    public func matches(_ text: String) throws -> Bool {
        let other = try Self.derive(text, salt)
        // Every byte is looked at: how far two agree does not show in the time.
        return zip(hash, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func derive(_ text: String, _ salt: [UInt8]) throws -> [UInt8] {
        try KDF.Scrypt.deriveKey(
            from: Array(text.utf8), salt: salt, outputByteCount: hashBytes, rounds: rounds,
            blockSize: blockSize, parallelism: 1
        ).withUnsafeBytes { Array($0) }
    }
}

/// Lets a person choose a PIN on a laptop; head office gives it out.
public struct StartCode: Hashable, Sendable {
    public let issued: Moment
    public let secret: SlowHash

    public init(issued: Moment, secret: SlowHash) {
        self.issued = issued
        self.secret = secret
    }
}

/// Somebody who may work on a laptop.
public struct LaptopPerson: Hashable, Sendable {
    public let person: Stamp
    public let code: StartCode?

    public init(_ person: Stamp, code: StartCode?) {
        self.person = person
        self.code = code
    }

    private static let hashBytes = 8

    /// Names a list of people, sorted by person, so that it is told only when it changed.
    public static func hash(of people: [LaptopPerson]) -> [UInt8] {
        var bytes: [UInt8] = []
        for one in people {
            bytes.appendBigEndian(UInt64(bitPattern: one.person.rawValue))
            bytes.appendBigEndian(UInt64(bitPattern: one.code?.issued.milliseconds ?? 0))
            for part in [one.code?.secret.salt ?? [], one.code?.secret.hash ?? []] {
                bytes.append(UInt8(part.count))
                bytes += part
            }
        }
        return Array(sha256(bytes).prefix(hashBytes))
    }
}

extension LaptopPerson {
    init(_ wire: WirePerson) throws(MalformedBytes) {
        person = try stamp(wire.person)
        guard !wire.salt.isEmpty || !wire.hash.isEmpty || wire.codeMs != 0 else {
            code = nil
            return
        }
        code = StartCode(
            issued: Moment(milliseconds: wire.codeMs),
            secret: try SlowHash(salt: [UInt8](wire.salt), hash: [UInt8](wire.hash)))
    }

    var wire: WirePerson {
        var wire = WirePerson()
        wire.person = UInt64(person.rawValue)
        wire.codeMs = code?.issued.milliseconds ?? 0
        wire.salt = Bytes(code?.secret.salt ?? [])
        wire.hash = Bytes(code?.secret.hash ?? [])
        return wire
    }

    /// Each once, in order.
    static func list(_ wire: WirePeople) throws(MalformedBytes) -> [LaptopPerson] {
        guard wire.people.count <= Limits.peopleMax else {
            throw .tooLarge(what: "people", limit: Limits.peopleMax)
        }
        var people: [LaptopPerson] = []
        for one in wire.people {
            let person = try LaptopPerson(one)
            guard people.last.map({ $0.person < person.person }) ?? true else {
                throw .value("people out of order")
            }
            people.append(person)
        }
        return people
    }
}
