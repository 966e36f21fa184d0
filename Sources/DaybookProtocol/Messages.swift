import DaybookModel

/// A place in one run of head office: the run's random id and a sequence in it.
public struct Cursor: Hashable, Sendable {
    public let run: UInt64
    public let sequence: UInt64

    public init(run: UInt64, sequence: UInt64) {
        self.run = run
        self.sequence = sequence
    }
}

/// How a laptop opens an exchange.
public struct Hello: Hashable, Sendable {
    public var protocolMin = Limits.protocolVersion
    public var protocolMax = Limits.protocolVersion
    public var catalogue: UInt32
    public var incarnation: UInt64
    public var clock: ClockReading
    /// The farthest sequence held of any scope, with the last run that served it.
    public var held: Cursor?
    /// How far each scope is staged or shown.
    public var scopes: [Stamp: UInt64]
    /// Scopes that are being fed from nothing and not shown yet.
    public var gaining: Set<Stamp>
    public var lastPosting: UInt64
    /// The first ``nameBytes`` of its hash; empty before the first.
    public var lastPostingName: [UInt8]
    public var wantsNode: Bool
    /// Runs before `held`'s, each with the farthest sequence held under it; the latest first.
    public var past: [Cursor] = []
    /// Its chain of postings forked: it asks for an incarnation of its own.
    public var wantsIncarnation = false
    /// More frames will be returned after this exchange: no feed is wanted yet.
    public var isReturning = false
    /// Keys that head office may not know, each signed by the one before.
    public var keys: [KeyChange] = []
    /// ``Terms/name`` of what it was last told; empty before the first.
    public var termsName: [UInt8] = []
    /// ``Terms/scopesName`` of what it shows up to ``held``, in place of ``scopes``; nil when they are told.
    public var scopesName: [UInt8]?
    /// It was told to go out of service, and nothing waits in it.
    public var isRetiring = false
    /// ``Terms/reading`` as it was last told.
    public var reading: [Stamp: UInt32] = [:]
    /// ``Terms/personalDays`` as it was last told: a scope of which more may be read now is fed from nothing.
    public var personalDays: [Stamp: Int] = [:]

    public init(
        catalogue: UInt32, incarnation: UInt64, clock: ClockReading, held: Cursor?,
        scopes: [Stamp: UInt64], gaining: Set<Stamp>, lastPosting: UInt64, lastPostingName: [UInt8],
        wantsNode: Bool
    ) {
        self.catalogue = catalogue
        self.incarnation = incarnation
        self.clock = clock
        self.held = held
        self.scopes = scopes
        self.gaining = gaining
        self.lastPosting = lastPosting
        self.lastPostingName = lastPostingName
        self.wantsNode = wantsNode
    }
}

/// Head office's answer to a hello.
public struct Welcome: Hashable, Sendable {
    public var catalogue: UInt32
    public var officeTime: Moment
    public var run: UInt64
    public var acknowledgedPosting: UInt64
    /// Nil when it is what the laptop was told before.
    public var terms: Terms?
    public var node: Int64?
    /// Set when the laptop holds more than this head office has: what it holds past this sequence is to be
    /// returned first, and its cursors go back there.
    public var base: UInt64?
    /// An incarnation of its own for a copy; a node comes with it.
    public var incarnation: UInt64?
    /// Head office's signature of a ``WipeReceipt``; empty for none.
    public var safeToWipe: [UInt8] = []

    public init(
        catalogue: UInt32, officeTime: Moment, run: UInt64, acknowledgedPosting: UInt64,
        terms: Terms? = nil, node: Int64? = nil, base: UInt64? = nil, incarnation: UInt64? = nil
    ) {
        self.catalogue = catalogue
        self.officeTime = officeTime
        self.run = run
        self.acknowledgedPosting = acknowledgedPosting
        self.terms = terms
        self.node = node
        self.base = base
        self.incarnation = incarnation
    }
}

/// What head office says of a posting's entries.
public struct Verdicts: Hashable, Sendable {
    public var posting: UInt64
    public var firstEntry: Int64
    /// For each entry: when it happened less what its wall clock said, in milliseconds.
    public var corrections: [Int64]
    /// For each entry: how sure that is, in milliseconds.
    public var uncertainties: [Int64]
    /// Everything that the posting changed has this sequence or an earlier one.
    public var sequence: UInt64
    public var refused: [RefusedEdit]
    /// Entries whose names are held by other content.
    public var nameTaken: [Int64]
    /// Head office's clock when it accepted the posting: no edit in it counts as later.
    public var arrived: Moment
    /// Head office's signature of the ``Receipt`` that these make with the posting's incarnation.
    public var receipt: [UInt8]

    public struct RefusedEdit: Hashable, Sendable {
        public let entry: Int64
        public let stamp: Stamp
        public let reason: UInt32
        public let detail: String

        public init(entry: Int64, stamp: Stamp, reason: UInt32, detail: String) {
            self.entry = entry
            self.stamp = stamp
            self.reason = reason
            self.detail = detail
        }
    }

    public init(
        posting: UInt64, firstEntry: Int64, corrections: [Int64],
        uncertainties: [Int64], sequence: UInt64, refused: [RefusedEdit], nameTaken: [Int64],
        arrived: Moment, receipt: [UInt8] = []
    ) {
        self.posting = posting
        self.firstEntry = firstEntry
        self.corrections = corrections
        self.uncertainties = uncertainties
        self.sequence = sequence
        self.refused = refused
        self.nameTaken = nameTaken
        self.arrived = arrived
        self.receipt = receipt
    }
}

/// The short read that names the moment.
public struct WholeMoment: Hashable, Sendable {
    public let cursor: Cursor
    /// ``Digest/name`` of each scope in the terms, in their order.
    public let digestNames: [[UInt8]]

    public init(cursor: Cursor, digestNames: [[UInt8]]) {
        self.cursor = cursor
        self.digestNames = digestNames
    }
}

/// Head office ends the exchange.
public struct Refusal: Hashable, Error, Sendable {
    /// Nil for a code of a newer release: stop.
    public let code: RefusalCode?
    public let detail: String
    public let retryAfterMilliseconds: Int64
    /// Of a revoked laptop: the highest of its postings that is kept aside now; 0 for none.
    public var keptPosting: UInt64 = 0

    public init(_ code: RefusalCode?, detail: String, retryAfterMilliseconds: Int64 = 0) {
        self.code = code
        self.detail = String(detail.prefix(Limits.detailBytesMax / 4))
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}

/// A laptop asks to be enrolled, by the code that a person was given; or to be taken back, by its certificate.
public struct Enrol: Hashable, Sendable {
    public let code: String
    public let catalogue: UInt32
    /// A sealed ``Certificate``; empty beside a code.
    public let certificate: [UInt8]
    /// Beside a code: the laptop's key, and its signature of the code.
    public let key: PublicKey?
    public let signature: [UInt8]

    /// By a code, proving that the laptop has the key.
    public init(code: String, catalogue: UInt32, key: DeviceKey) throws {
        self.init(
            code: code, catalogue: catalogue, certificate: [], key: try key.publicKey,
            signature: try key.signature(ofCode: code))
    }

    public init(certificate: [UInt8], catalogue: UInt32) {
        self.init(
            code: "", catalogue: catalogue, certificate: certificate, key: nil, signature: [])
    }

    init(
        code: String, catalogue: UInt32, certificate: [UInt8], key: PublicKey?, signature: [UInt8]
    ) {
        self.code = code
        self.catalogue = catalogue
        self.certificate = certificate
        self.key = key
        self.signature = signature
    }

    /// Whether the one who asks has the key that it names.
    public var isSigned: Bool { key?.holds(signature, ofCode: code) ?? false }
}

/// What head office now holds of the frames returned in this exchange.
public struct Taken: Hashable, Sendable {
    public let count: Int
    public let sequence: UInt64

    public init(count: Int, sequence: UInt64) {
        self.count = count
        self.sequence = sequence
    }
}

/// The first frame of a bundle file.
public struct Bundle: Hashable, Sendable {
    public let incarnation: UInt64
    /// From head office; else from the laptop.
    public let isAnswer: Bool
    /// HMAC-SHA-256 of all bytes after this frame, keyed by the hash of the laptop's secret.
    public let proof: [UInt8]
    /// How many bytes come after this frame.
    public let bytes: UInt64

    public init(incarnation: UInt64, isAnswer: Bool, proof: [UInt8], bytes: UInt64) {
        self.incarnation = incarnation
        self.isAnswer = isAnswer
        self.proof = proof
        self.bytes = bytes
    }
}

/// What an enrolled laptop is given.
public struct Enrolled: Hashable, Sendable {
    public let organisation: Stamp
    public let incarnation: UInt64
    public let node: Int64
    public let laptop: String
    public let secret: [UInt8]
    public let people: [Stamp]
    /// A sealed ``Certificate``, kept for a head office that loses this enrolment.
    public let certificate: [UInt8]
    public let officeKey: PublicKey
    public let sealingKey: SealingKey

    public init(
        organisation: Stamp, incarnation: UInt64, node: Int64, laptop: String, secret: [UInt8],
        people: [Stamp], certificate: [UInt8], officeKey: PublicKey, sealingKey: SealingKey
    ) {
        self.sealingKey = sealingKey
        self.organisation = organisation
        self.incarnation = incarnation
        self.node = node
        self.laptop = laptop
        self.secret = secret
        self.people = people
        self.certificate = certificate
        self.officeKey = officeKey
    }
}

/// Everything that is said, except postings, whose bytes are sealed once.
public enum Message: Hashable, Sendable {
    case hello(Hello)
    case posting(ReceivedPosting)
    case welcome(Welcome)
    case verdicts(Verdicts)
    case feed(FeedPage)
    case moment(WholeMoment)
    case refusal(Refusal)
    case done(more: Bool)
    case enrol(Enrol)
    case enrolled(Enrolled)
    case returned(ReturnedPage)
    case taken(Taken)
    case compare(Compare)
    case compared(Compared)
    case bundle(Bundle)
    case still(Still)
    /// With head office's time.
    case quiet(Moment)
}
