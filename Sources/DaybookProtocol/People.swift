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

    /// What is typed, as it is kept, and the key that it is besides.
    ///
    /// - Parameter salt: 16 random bytes.
    public static func making(
        _ text: String, salt: [UInt8]
    ) throws -> (hash: SlowHash, key: WrappingKey) {
        let (hash, key) = try derive(text, salt)
        return (try SlowHash(salt: salt, hash: hash), key)
    }

    /// The key that the text is; nil when it is another text. Takes a fraction of a second, whatever is typed.
    public func key(by text: String) throws -> WrappingKey? {
        let (other, key) = try Self.derive(text, salt)
        // Every byte is looked at: how far two agree does not show in the time.
        return zip(hash, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0 ? key : nil
    }

    private static func derive(
        _ text: String, _ salt: [UInt8]
    ) throws -> (hash: [UInt8], key: WrappingKey) {
        let bytes = try KDF.Scrypt.deriveKey(
            from: Array(text.utf8), salt: salt,
            outputByteCount: hashBytes + WrappingKey.sizeBytes, rounds: rounds,
            blockSize: blockSize, parallelism: 1
        ).withUnsafeBytes { Array($0) }
        return (
            Array(bytes.prefix(hashBytes)),
            try WrappingKey(bytes: Array(bytes.dropFirst(hashBytes)))
        )
    }
}

/// Lets a person choose a PIN on a laptop; head office gives it out.
public struct StartCode: Hashable, Sendable {
    public let issued: Moment
    public let secret: SlowHash
    /// The laptop's personal keys, wrapped by what is typed.
    public let keys: [UInt8]

    public init(issued: Moment, secret: SlowHash, keys: [UInt8]) {
        self.issued = issued
        self.secret = secret
        self.keys = keys
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

    private static let keysBytesMax = 128
}

/// Another laptop that was not heard from for a while.
public struct SilentLaptop: Hashable, Sendable {
    public let name: String
    /// Nothing came from it after this.
    public let since: Moment
    /// The scopes that both hold, sorted; the organisation's is not among them.
    public let scopes: [Stamp]

    public init(name: String, since: Moment, scopes: [Stamp]) {
        self.name = name
        self.since = since
        self.scopes = scopes.sorted()
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
            secret: try SlowHash(salt: [UInt8](wire.salt), hash: [UInt8](wire.hash)),
            keys: [UInt8](wire.keys))
        guard wire.keys.count <= Self.keysBytesMax else {
            throw .tooLarge(what: "wrapped keys", limit: Self.keysBytesMax)
        }
    }

    var wire: WirePerson {
        var wire = WirePerson()
        wire.person = UInt64(person.rawValue)
        wire.codeMs = code?.issued.milliseconds ?? 0
        wire.salt = Bytes(code?.secret.salt ?? [])
        wire.hash = Bytes(code?.secret.hash ?? [])
        wire.keys = Bytes(code?.keys ?? [])
        return wire
    }

    /// Each once, in order.
    static func list(_ wire: [WirePerson]) throws(MalformedBytes) -> [LaptopPerson] {
        guard wire.count <= Limits.peopleMax else {
            throw .tooLarge(what: "people", limit: Limits.peopleMax)
        }
        var people: [LaptopPerson] = []
        for one in wire {
            let person = try LaptopPerson(one)
            guard people.last.map({ $0.person < person.person }) ?? true else {
                throw .value("people out of order")
            }
            people.append(person)
        }
        return people
    }
}
